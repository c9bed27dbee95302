/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* String operations. */
#include "tests/unit/operand-example.h"

TEST(single, "one element: both sides, registers moved by its size")
{
	CHECK_EXAMPLES({ "movsb; movsq",
			 CODE("\xa4\x48\xa5"),
			 { { 0 } },
			 { { SI, 1, 0, "r" },
			   { DI, 1, 0, "w" },
			   { SI + 1, 8, 1, "r" },
			   { DI + 1, 8, 1, "w" } } },
		       { "movsw; movsd",
			 CODE("\x66\xa5\xa5"),
			 { { 0 } },
			 { { SI, 2, 0, "r" },
			   { DI, 2, 0, "w" },
			   { SI + 2, 4, 1, "r" },
			   { DI + 2, 4, 1, "w" } } },
		       { "stosd; mov al, [rdi]; mov al, [rsi]",
			 CODE("\xab\x8a\x07\x8a\x06"),
			 { { 0 } },
			 { { DI, 4, 0, "w" }, { DI + 4, 1, 1, "r" }, { SI, 1, 2, "r" } } },
		       { "lodsd; mov dl, [rax]; mov dl, [rsi]; mov dl, [rdi]",
			 CODE("\xad\x8a\x10\x8a\x16\x8a\x17"),
			 { { 0 } },
			 { { SI, 4, 0, "r" }, { SI + 4, 1, 2, "r" }, { DI, 1, 3, "r" } } },
		       { "cmpsb; mov al, [rsi]; mov al, [rdi]; je 1f; 1: mov al, [rbx]",
			 CODE("\xa6\x8a\x06\x8a\x07\x74\x00\x8a\x03"),
			 { { 0 } },
			 { { SI, 1, 0, "r" },
			   { DI, 1, 0, "r" },
			   { SI + 1, 1, 1, "r" },
			   { DI + 1, 1, 2, "r" } } },
		       { "scasq; mov al, [rdi]; mov al, [rsi]",
			 CODE("\x48\xaf\x8a\x07\x8a\x06"),
			 { { 0 } },
			 { { DI, 8, 0, "r" }, { DI + 8, 1, 1, "r" }, { SI, 1, 2, "r" } } });
}

TEST(backwards, "the direction flag turns them round")
{
	CHECK_EXAMPLES({ "movsq; movsq",
			 CODE("\x48\xa5\x48\xa5"),
			 { { OPERAND_FLAGS, 0x602 } },
			 { { SI, 8, 0, "r" },
			   { DI, 8, 0, "w" },
			   { SI - 8, 8, 1, "r" },
			   { DI - 8, 8, 1, "w" } } },
		       { "std; stosb; cld; stosw; mov al, [rdi]",
			 CODE("\xfd\xaa\xfc\x66\xab\x8a\x07"),
			 { { 0 } },
			 { { DI, 1, 1, "w" }, { DI - 1, 2, 3, "w" }, { DI + 1, 1, 4, "r" } } });
}

TEST(repeated, "a repeated move or store: its first element, and its registers behind it")
{
	CHECK_EXAMPLES({ "rep movsq; mov al, [rsi]; mov al, [rdi]; mov al, [rcx + 1]",
			 CODE("\xf3\x48\xa5\x8a\x06\x8a\x07\x8a\x41\x01"),
			 { { 0 } },
			 { { SI, 8, 0, "r" },
			   { DI, 8, 0, "w" },
			   { SI + 24, 1, 1, "r" },
			   { DI + 24, 1, 2, "r" },
			   { 1, 1, 3, "r" } } },
		       { "rep stosb; mov al, [rdi]",
			 CODE("\xf3\xaa\x8a\x07"),
			 { { OPERAND_CX, 0x1000 } },
			 { { DI, 1, 0, "w" }, { DI + 0x1000, 1, 1, "r" } } },
		       { "std; rep stosd; mov al, [rdi]",
			 CODE("\xfd\xf3\xab\x8a\x07"),
			 { { 0 } },
			 { { DI, 4, 1, "w" }, { DI - 12, 1, 2, "r" } } });
}

TEST(by_data,
     "a repeated comparison ends where the data says: its registers and flags are unknown then")
{
	CHECK_EXAMPLES({ "repe cmpsb; mov al, [rsi]; mov al, [rdi]; mov al, [rcx]; mov al, [rbx]; "
			 "je 1f; 1: mov al, [rbx]",
			 CODE("\xf3\xa6\x8a\x06\x8a\x07\x8a\x01\x8a\x03\x74\x00\x8a\x03"),
			 { { 0 } },
			 { { SI, 1, 0, "r" }, { DI, 1, 0, "r" }, { BX, 1, 4, "r" } } },
		       { "repne scasb; mov al, [rdi]; mov al, [rcx]; mov al, [rsi]; je 1f; 1: mov "
			 "al, [rbx]",
			 CODE("\xf2\xae\x8a\x07\x8a\x01\x8a\x06\x74\x00\x8a\x03"),
			 { { 0 } },
			 { { DI, 1, 0, "r" }, { SI, 1, 3, "r" } } });
}

TEST(empty, "a repetition of none touches and changes nothing")
{
	CHECK_EXAMPLES({ "xor ecx, ecx; rep movsq; mov al, [rsi]; mov al, [rdi]",
			 CODE("\x31\xc9\xf3\x48\xa5\x8a\x06\x8a\x07"),
			 { { 0 } },
			 { { SI, 1, 2, "r" }, { DI, 1, 3, "r" } } },
		       { "xor ecx, ecx; repe cmpsb; je 1f; ud2; 1: mov al, [rsi]",
			 CODE("\x31\xc9\xf3\xa6\x74\x02\x0f\x0b\x8a\x06"),
			 { { 0 } },
			 { { SI, 1, 3, "r" } } });
}

TEST(unknown_count, "an unknown counter: nothing is told of it; the counter is used up behind it")
{
	CHECK_EXAMPLES(
		{ "mov rcx, [rbx]; rep movsb; mov al, [rsi]; mov al, [rdi]; mov al, [rcx + 0x10]",
		  CODE("\x48\x8b\x0b\xf3\xa4\x8a\x06\x8a\x07\x8a\x41\x10"),
		  { { 0 } },
		  { { BX, 8, 0, "r" }, { 0x10, 1, 4, "r" } } },
		{ "mov rdi, [rbx]; rep stosb; mov al, [rdi]; mov al, [rsi]",
		  CODE("\x48\x8b\x3b\xf3\xaa\x8a\x07\x8a\x06"),
		  { { 0 } },
		  { { BX, 8, 0, "r" }, { SI, 1, 3, "r" } } });
}

TEST(segments, "a segment override moves the source alone")
{
	CHECK_EXAMPLES({ "fs movsb; mov al, [rbx]",
			 CODE("\x64\xa4\x8a\x03"),
			 { { 0 } },
			 { { DI, 1, 0, "w" }, { BX, 1, 1, "r" } } },
		       { "fs lodsb; mov al, [rbx]",
			 CODE("\x64\xac\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } });
}

TEST(address32,
     "32-bit registers are used with an address size prefix; repeated, they end the walk")
{
	CHECK_EXAMPLES({ "addr32 stosb; mov al, [rdi]",
			 CODE("\x67\xaa\x8a\x07"),
			 { { OPERAND_DI, 0x1ffffffff } },
			 { { 0xffffffff, 1, 0, "w" }, { 0, 1, 1, "r" } } },
		       { "addr32 rep stosb; mov al, [rbx]",
			 CODE("\x67\xf3\xaa\x8a\x03"),
			 { { 0 } },
			 { { 0 } } });
}

TEST_MAIN()
