/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stack, and what the walk itself has stored there. */
#include "tests/unit/operand-example.h"

TEST(pushes, "push and pop touch the stack and move its pointer")
{
	CHECK_EXAMPLES(
		{ "push rax; pop rbx",
		  CODE("\x50\x5b"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 8, 8, 1, "rs" } } },
		{ "push 5; push ax; pushfq",
		  CODE("\x6a\x05\x66\x50\x9c"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 10, 2, 1, "ws" }, { SP - 18, 8, 2, "ws" } } },
		{ "sub rsp, 0x100; mov [rsp + 8], rax; add rsp, 0x100; mov [rsp], al",
		  CODE("\x48\x81\xec\x00\x01\x00\x00\x48\x89\x44\x24\x08\x48\x81\xc4\x00\x01\x00"
		       "\x00\x88\x04\x24"),
		  { { 0 } },
		  { { SP - 0xf8, 8, 1, "ws" }, { SP, 1, 3, "ws" } } });
}

TEST(push_memory,
     "a pushed memory operand is addressed before the stack pointer moves, a popped one after")
{
	CHECK_EXAMPLES({ "push [rsp + 8]",
			 CODE("\xff\x74\x24\x08"),
			 { { 0 } },
			 { { SP + 8, 8, 0, "rs" }, { SP - 8, 8, 0, "ws" } } },
		       { "pop [rsp + 8]",
			 CODE("\x8f\x44\x24\x08"),
			 { { 0 } },
			 { { SP, 8, 0, "rs" }, { SP + 16, 8, 0, "ws" } } },
		       { "push [rbx]; pop [rbx]",
			 CODE("\xff\x33\x8f\x03"),
			 { { 0 } },
			 { { BX, 8, 0, "r" },
			   { SP - 8, 8, 0, "ws" },
			   { SP - 8, 8, 1, "rs" },
			   { BX, 8, 1, "w" } } },
		       { "call [rsp + 8]",
			 CODE("\xff\x54\x24\x08"),
			 { { 0 } },
			 { { SP + 8, 8, 0, "rs" }, { SP - 8, 8, 0, "ws" } } });
}

TEST(push_sp, "push rsp stores the old value; pop rsp loads it")
{
	CHECK_EXAMPLES(
		{ "push rsp; mov rax, [rsp]; mov bl, [rax + 1]",
		  CODE("\x54\x48\x8b\x04\x24\x8a\x58\x01"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 8, 8, 1, "rs" }, { SP + 1, 1, 2, "r" } } },
		{ "push rsp; pop rsp; mov al, [rsp]",
		  CODE("\x54\x5c\x8a\x04\x24"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 8, 8, 1, "rs" }, { SP, 1, 2, "rs" } } },
		{ "pop rsp; mov al, [rsp]; push rax; mov al, [rbx]",
		  CODE("\x5c\x8a\x04\x24\x50\x8a\x03"),
		  { { 0 } },
		  { { SP, 8, 0, "rs" }, { BX, 1, 3, "r" } } });
}

TEST(frames, "leave reads the frame and takes the stack pointer there")
{
	CHECK_EXAMPLES({ "leave; mov al, [rsp]; mov al, [rbp]; mov al, [rbx]",
			 CODE("\xc9\x8a\x04\x24\x8a\x45\x00\x8a\x03"),
			 { { 0 } },
			 { { BP, 8, 0, "rs" }, { BP + 8, 1, 1, "rs" }, { BX, 1, 3, "r" } } },
		       { "push rbp; mov rbp, rsp; push rbx; mov rbx, [rbp - 8]; mov al, [rbx]; "
			 "leave; mov al, [rbp]",
			 CODE("\x55\x48\x89\xe5\x53\x48\x8b\x5d\xf8\x8a\x03\xc9\x8a\x45\x00"),
			 { { 0 } },
			 { { SP - 8, 8, 0, "ws" },
			   { SP - 16, 8, 2, "ws" },
			   { SP - 16, 8, 3, "rs" },
			   { BX, 1, 4, "r" },
			   { SP - 8, 8, 5, "rs" },
			   { BP, 1, 6, "rs" } } });
}

TEST(stack_marks, "an address of SP, or of BP close above it, is marked as the stack")
{
	CHECK_EXAMPLES({ "mov al, [rsp - 8]; mov al, [rsp + rcx * 8]",
			 CODE("\x8a\x44\x24\xf8\x8a\x04\xcc"),
			 { { 0 } },
			 { { SP - 8, 1, 0, "rs" }, { SP + 24, 1, 1, "rs" } } },
		       { "mov al, [rbp - 8]; mov al, [rbp + rcx * 8]",
			 CODE("\x8a\x45\xf8\x8a\x44\xcd\x00"),
			 { { 0 } },
			 { { BP - 8, 1, 0, "rs" }, { BP + 24, 1, 1, "rs" } } },
		       { "mov al, [rbp]",
			 CODE("\x8a\x45\x00"),
			 { { OPERAND_BP, SP + 65536 } },
			 { { SP + 65536, 1, 0, "rs" } } },
		       { "mov al, [rbp]",
			 CODE("\x8a\x45\x00"),
			 { { OPERAND_BP, SP + 65537 } },
			 { { SP + 65537, 1, 0, "r" } } },
		       { "mov al, [rbp]",
			 CODE("\x8a\x45\x00"),
			 { { OPERAND_BP, SP - 1 } },
			 { { SP - 1, 1, 0, "r" } } },
		       { "mov al, [rbp]",
			 CODE("\x8a\x45\x00"),
			 { { OPERAND_BP, 0x123456 } },
			 { { 0x123456, 1, 0, "r" } } },
		       { "lea rax, [rsp + 8]; mov [rax], al",
			 CODE("\x48\x8d\x44\x24\x08\x88\x00"),
			 { { 0 } },
			 { { SP + 8, 1, 1, "w" } } });
}

TEST(forwarding, "a value that the walk stored on the stack is known when it is loaded again")
{
	CHECK_EXAMPLES(
		{ "mov [rbp - 8], rbx; mov rax, [rbp - 8]; mov dl, [rax]",
		  CODE("\x48\x89\x5d\xf8\x48\x8b\x45\xf8\x8a\x10"),
		  { { 0 } },
		  { { BP - 8, 8, 0, "ws" }, { BP - 8, 8, 1, "rs" }, { BX, 1, 2, "r" } } },
		{ "mov dword ptr [rsp + 4], 0x77; mov eax, [rsp + 4]; mov dl, [rax]",
		  CODE("\xc7\x44\x24\x04\x77\x00\x00\x00\x8b\x44\x24\x04\x8a\x10"),
		  { { 0 } },
		  { { SP + 4, 4, 0, "ws" }, { SP + 4, 4, 1, "rs" }, { 0x77, 1, 2, "r" } } },
		{ "mov [rsp], rbx; mov eax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\x8b\x04\x24\x8a\x10"),
		  { { OPERAND_BX, 0x500000123 } },
		  { { SP, 8, 0, "ws" }, { SP, 4, 1, "rs" }, { 0x123, 1, 2, "r" } } },
		{ "mov qword ptr [rsp], 5; add qword ptr [rsp], 3; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\xc7\x04\x24\x05\x00\x00\x00\x48\x83\x04\x24\x03\x48\x8b\x04\x24\x8a"
		       "\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" },
		    { SP, 8, 1, "ws" },
		    { SP, 8, 2, "rs" },
		    { 8, 1, 3, "r" } } },
		{ "push rbx; pop rax; mov dl, [rax]",
		  CODE("\x53\x58\x8a\x10"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 8, 8, 1, "rs" }, { BX, 1, 2, "r" } } },
		{ "mov byte ptr [rsp], 0x85; movsx eax, byte ptr [rsp]; mov dl, [rax]",
		  CODE("\xc6\x04\x24\x85\x0f\xbe\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 1, 0, "ws" }, { SP, 1, 1, "rs" }, { 0xffffff85, 1, 2, "r" } } });
}

TEST(no_forwarding, "it is not known if something may have been stored there since, or elsewhere "
		    "than on the stack")
{
	CHECK_EXAMPLES(
		{ "mov [rbp - 8], rbx; mov rcx, [rsi]; mov [rcx], rcx; mov rax, [rbp - 8]; mov dl, "
		  "[rax]",
		  CODE("\x48\x89\x5d\xf8\x48\x8b\x0e\x48\x89\x09\x48\x8b\x45\xf8\x8a\x10"),
		  { { 0 } },
		  { { BP - 8, 8, 0, "ws" }, { SI, 8, 1, "r" }, { BP - 8, 8, 3, "rs" } } },
		{ "mov [rsp], rbx; mov byte ptr [rsp + 7], 1; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\xc6\x44\x24\x07\x01\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { SP + 7, 1, 1, "ws" }, { SP, 8, 2, "rs" } } },
		{ "lea rdx, [rsp + 4]; mov [rsp], rbx; mov [rdx], ecx; mov rax, [rsp]; mov dl, "
		  "[rax]",
		  CODE("\x48\x8d\x54\x24\x04\x48\x89\x1c\x24\x89\x0a\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 1, "ws" }, { SP + 4, 4, 2, "w" }, { SP, 8, 3, "rs" } } },
		{ "mov [rsp], ebx; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x89\x1c\x24\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 4, 0, "ws" }, { SP, 8, 1, "rs" } } },
		{ "mov [rsp], rbx; mov eax, [rsp + 4]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\x8b\x44\x24\x04\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { SP + 4, 4, 1, "rs" } } },
		{ "mov [rsi], rbx; mov rax, [rsi]; mov dl, [rax]",
		  CODE("\x48\x89\x1e\x48\x8b\x06\x8a\x10"),
		  { { 0 } },
		  { { SI, 8, 0, "w" }, { SI, 8, 1, "r" } } },
		{ "mov [rsp], rbx; movups [rsp - 8], xmm0; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\x0f\x11\x44\x24\xf8\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { SP - 8, 16, 1, "ws" }, { SP, 8, 2, "rs" } } },
		{ "mov [rsp], rbx; vpmaskmovd [rsi], ymm1, ymm0; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\xc4\xe2\x75\x8e\x06\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { SP, 8, 2, "rs" } } },
		{ "mov [rsp], rbx; bts [rsi], ecx; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\x0f\xab\x0e\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { SP, 8, 2, "rs" } } },
		{ "mov [rsp], rbx; stosq; mov rax, [rsp]; mov dl, [rax]",
		  CODE("\x48\x89\x1c\x24\x48\xab\x48\x8b\x04\x24\x8a\x10"),
		  { { 0 } },
		  { { SP, 8, 0, "ws" }, { DI, 8, 1, "w" }, { SP, 8, 2, "rs" } } },
		{ "push rbx; movq [rsp], xmm0; pop rax; mov dl, [rax]",
		  CODE("\x53\x66\x0f\xd6\x04\x24\x58\x8a\x10"),
		  { { 0 } },
		  { { SP - 8, 8, 0, "ws" }, { SP - 8, 8, 1, "ws" }, { SP - 8, 8, 2, "rs" } } });
}

TEST_MAIN()
