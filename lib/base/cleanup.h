/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ownership by cleanup attribute: what a function owns is released when it leaves scope. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _cleanup_free_     _cleanup_(cleanup_freep)
#define _cleanup_close_    _cleanup_(cleanup_closep)
#define _cleanup_fclose_   _cleanup_(cleanup_fclosep)
#define _cleanup_closedir_ _cleanup_(cleanup_closedirp)

/* Hands the pointer to the caller and forgets it here. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *_take = &(p);                                                       \
		__typeof__(p) _taken = *_take;                                                     \
		*_take = NULL;                                                                     \
		_taken;                                                                            \
	})

/* Hands the descriptor to the caller and forgets it here. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *_take = &(fd);                                                                \
		int _taken = *_take;                                                               \
		*_take = -1;                                                                       \
		_taken;                                                                            \
	})

/* Defines cleanup function name##p for a `type *name(type *)` that accepts NULL. */
#define DEFINE_CLEANUP(type, free_function)                                                        \
	static inline void free_function##p(type **p)                                              \
	{                                                                                          \
		*p = free_function(*p);                                                            \
	}

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))

#define CLAMP(x, low, high) ((x) < (low) ? (low) : (x) > (high) ? (high) : (x))
