/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which memory an instruction touches, and which only looks as if it did. */
#include "tests/unit/operand-example.h"

TEST(forms, "an effective address is base + index * scale + displacement")
{
	CHECK_EXAMPLES({ "mov rax, [rbx]", CODE("\x48\x8b\x03"), { { 0 } }, { { BX, 8, 0, "r" } } },
		       { "mov [rbx - 8], eax",
			 CODE("\x89\x43\xf8"),
			 { { 0 } },
			 { { BX - 8, 4, 0, "w" } } },
		       { "mov al, [rbx + rcx * 8 - 0x100]",
			 CODE("\x8a\x84\xcb\x00\xff\xff\xff"),
			 { { 0 } },
			 { { BX + 8 * CX - 0x100, 1, 0, "r" } } },
		       { "movzx eax, word ptr [rcx * 4 + 0x1234]",
			 CODE("\x0f\xb7\x04\x8d\x34\x12\x00\x00"),
			 { { 0 } },
			 { { 4 * CX + 0x1234, 2, 0, "r" } } },
		       { "mov rax, [rbx + rsi * 2]",
			 CODE("\x48\x8b\x04\x73"),
			 { { 0 } },
			 { { BX + 2 * SI, 8, 0, "r" } } },
		       { "mov rax, [r8 + r9 * 1]",
			 CODE("\x4b\x8b\x04\x08"),
			 { { 0 } },
			 { { R8 + R9, 8, 0, "r" } } },
		       { "mov rax, [r12 + 8]; mov rax, [r13]",
			 CODE("\x49\x8b\x44\x24\x08\x49\x8b\x45\x00"),
			 { { 0 } },
			 { { 0xc0008, 8, 0, "r" }, { 0xd0000, 8, 1, "r" } } },
		       { "mov eax, [0x1234]",
			 CODE("\x8b\x04\x25\x34\x12\x00\x00"),
			 { { 0 } },
			 { { 0x1234, 4, 0, "r" } } });
}

TEST(rip, "a displacement from the instruction pointer counts from the next instruction")
{
	CHECK_EXAMPLES({ "mov rax, [rip + 0x10]",
			 CODE("\x48\x8b\x05\x10\x00\x00\x00"),
			 { { 0 } },
			 { { IP + 7 + 0x10, 8, 0, "r" } } },
		       { "mov dword ptr [rip - 0x10], 5",
			 CODE("\xc7\x05\xf0\xff\xff\xff\x05\x00\x00\x00"),
			 { { 0 } },
			 { { IP + 10 - 0x10, 4, 0, "w" } } },
		       { "nop; lea rbx, [rip + 0x20]; mov [rbx], rax",
			 CODE("\x90\x48\x8d\x1d\x20\x00\x00\x00\x48\x89\x03"),
			 { { 0 } },
			 { { IP + 1 + 7 + 0x20, 8, 2, "w" } } });
}

TEST(address32, "a 32-bit address is cut to 32 bits")
{
	CHECK_EXAMPLES({ "mov eax, [ebx + ecx * 4]",
			 CODE("\x67\x8b\x04\x8b"),
			 { { OPERAND_BX, 0x1fffffff0 }, { OPERAND_CX, 0x100000008 } },
			 { { 0x10, 4, 0, "r" } } },
		       { "mov eax, [ebx - 1]",
			 CODE("\x67\x8b\x43\xff"),
			 { { OPERAND_BX, 0x500000000 } },
			 { { 0xffffffff, 4, 0, "r" } } });
}

TEST(moffs, "an absolute address of 64 bits is taken whole")
{
	CHECK_EXAMPLES({ "movabs rax, [0x1122334455667788]",
			 CODE("\x48\xa1\x88\x77\x66\x55\x44\x33\x22\x11"),
			 { { 0 } },
			 { { 0x1122334455667788, 8, 0, "r" } } },
		       { "movabs [0x1122334455667788], al",
			 CODE("\xa2\x88\x77\x66\x55\x44\x33\x22\x11"),
			 { { 0 } },
			 { { 0x1122334455667788, 1, 0, "w" } } });
}

TEST(none, "lea, nop and prefetch with a memory operand touch nothing")
{
	CHECK_EXAMPLES({ "lea rax, [rbx + 8]; mov [rax], rax",
			 CODE("\x48\x8d\x43\x08\x48\x89\x00"),
			 { { 0 } },
			 { { BX + 8, 8, 1, "w" } } },
		       { "nop dword ptr [rbx]; nop word ptr [rax + rax]; mov al, [rbx]",
			 CODE("\x0f\x1f\x03\x66\x0f\x1f\x04\x00\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 2, "r" } } },
		       { "prefetcht0 [rbx]; prefetchnta [rbx]; prefetchw [rbx]; mov al, [rbx]",
			 CODE("\x0f\x18\x0b\x0f\x18\x03\x0f\x0d\x0b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 3, "r" } } },
		       { "lea eax, [rbx + 8]; lea ax, [rbx + 8]; endbr64; pause; mfence; lfence; "
			 "sfence; mov al, [rbx]",
			 CODE("\x8d\x43\x08\x66\x8d\x43\x08\xf3\x0f\x1e\xfa\xf3\x90\x0f\xae\xf0\x0f"
			      "\xae\xe8\x0f\xae\xf8\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 7, "r" } } });
}

TEST(segments, "an operand in fs or gs is not predicted, and the walk goes on")
{
	CHECK_EXAMPLES({ "mov rax, fs:[0x28]; mov rdx, [rbx]",
			 CODE("\x64\x48\x8b\x04\x25\x28\x00\x00\x00\x48\x8b\x13"),
			 { { 0 } },
			 { { BX, 8, 1, "r" } } },
		       { "mov gs:[rbx], rax; mov rdx, [rbx]",
			 CODE("\x65\x48\x89\x03\x48\x8b\x13"),
			 { { 0 } },
			 { { BX, 8, 1, "r" } } },
		       { "mov rax, fs:[0]; mov rax, [rax]; mov rdx, [rbx]",
			 CODE("\x64\x48\x8b\x04\x25\x00\x00\x00\x00\x48\x8b\x00\x48\x8b\x13"),
			 { { 0 } },
			 { { BX, 8, 2, "r" } } },
		       { "mov rax, ds:[rbx]; (cs) mov rax, [rbx]",
			 CODE("\x3e\x48\x8b\x03\x2e\x48\x8b\x03"),
			 { { 0 } },
			 { { BX, 8, 0, "r" }, { BX, 8, 1, "r" } } });
}

TEST(vectors, "vector loads and stores have the size of their operand")
{
	CHECK_EXAMPLES(
		{ "movups xmm0, [rbx]; movss [rbx], xmm0; movsd xmm0, qword ptr [rbx]",
		  CODE("\x0f\x10\x03\xf3\x0f\x11\x03\xf2\x0f\x10\x03"),
		  { { 0 } },
		  { { BX, 16, 0, "r" }, { BX, 4, 1, "w" }, { BX, 8, 2, "r" } } },
		{ "vmovdqu ymm0, [rbx]; vpaddd ymm0, ymm1, [rbx + 32]; vzeroupper; vmovntdq [rbx], "
		  "ymm0",
		  CODE("\xc5\xfe\x6f\x03\xc5\xf5\xfe\x43\x20\xc5\xf8\x77\xc5\xfd\xe7\x03"),
		  { { 0 } },
		  { { BX, 32, 0, "r" }, { BX + 32, 32, 1, "r" }, { BX, 32, 3, "w" } } },
		{ "vmovdqu64 zmm0, [rbx + 64]; vpaddd zmm0, zmm0, dword ptr [rbx]{1to16}",
		  CODE("\x62\xf1\xfe\x48\x6f\x43\x01\x62\xf1\x7d\x58\xfe\x03"),
		  { { 0 } },
		  { { BX + 64, 64, 0, "r" }, { BX, 4, 1, "r" } } },
		{ "fld tbyte ptr [rbx]; fstp qword ptr [rbx]; cvtsi2sd xmm0, dword ptr [rbx]",
		  CODE("\xdb\x2b\xdd\x1b\xf2\x0f\x2a\x03"),
		  { { 0 } },
		  { { BX, 10, 0, "r" }, { BX, 8, 1, "w" }, { BX, 4, 2, "r" } } });
}

TEST(masked, "masked vector accesses are not predicted, because they may not happen")
{
	CHECK_EXAMPLES({ "vmaskmovps ymm0, ymm1, [rbx]; mov al, [rbx]",
			 CODE("\xc4\xe2\x75\x2c\x03\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vpmaskmovd [rbx], ymm1, ymm0; mov al, [rbx]",
			 CODE("\xc4\xe2\x75\x8e\x03\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "maskmovdqu xmm0, xmm1; mov al, [rbx]",
			 CODE("\x66\x0f\xf7\xc1\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "maskmovq mm0, mm1; mov al, [rbx]",
			 CODE("\x0f\xf7\xc1\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vmovdqu32 zmm0{k1}, [rbx]; mov al, [rbx]",
			 CODE("\x62\xf1\x7e\x49\x6f\x03\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vmovdqu32 [rbx]{k1}, zmm0; mov al, [rbx]",
			 CODE("\x62\xf1\x7e\x49\x7f\x03\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vaddps zmm0{k2}{z}, zmm1, [rbx]; mov al, [rbx]",
			 CODE("\x62\xf1\x74\xca\x58\x03\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } });
}

TEST(gather, "gathers and scatters are not predicted")
{
	CHECK_EXAMPLES({ "vpgatherdd ymm0, [rbx + ymm1 * 4], ymm2; mov al, [rbx]",
			 CODE("\xc4\xe2\x6d\x90\x04\x8b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vpgatherqq zmm0{k1}, [rbx + zmm1 * 8]; mov al, [rbx]",
			 CODE("\x62\xf2\xfd\x49\x91\x04\xcb\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "vscatterdps [rbx + zmm1 * 4]{k1}, zmm0; mov al, [rbx]",
			 CODE("\x62\xf2\x7d\x49\xa2\x04\x8b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } });
}

TEST(bits, "a bit offset in a register moves the address: not predicted; an immediate one does not")
{
	CHECK_EXAMPLES({ "bt [rbx], ecx; mov al, [rbx]",
			 CODE("\x0f\xa3\x0b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "lock bts [rbx], rcx; mov al, [rbx]",
			 CODE("\xf0\x48\x0f\xab\x0b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 1, "r" } } },
		       { "btr [rbx], ecx; btc [rbx], ecx; mov al, [rbx]",
			 CODE("\x0f\xb3\x0b\x0f\xbb\x0b\x8a\x03"),
			 { { 0 } },
			 { { BX, 1, 2, "r" } } },
		       { "bt dword ptr [rbx], 7; lock bts qword ptr [rbx], 7; bt eax, ecx",
			 CODE("\x0f\xba\x23\x07\xf0\x48\x0f\xba\x2b\x07\x0f\xa3\xc8"),
			 { { 0 } },
			 { { BX, 4, 0, "r" }, { BX, 8, 1, "w" } } });
}

TEST(atomics, "atomic operations are writes, and what they load is unknown")
{
	CHECK_EXAMPLES({ "lock cmpxchg [rbx], edx; mov al, [rax]; mov al, [rdx]",
			 CODE("\xf0\x0f\xb1\x13\x8a\x00\x8a\x02"),
			 { { 0 } },
			 { { BX, 4, 0, "w" }, { DX, 1, 2, "r" } } },
		       { "lock cmpxchg16b [rbx]",
			 CODE("\xf0\x48\x0f\xc7\x0b"),
			 { { 0 } },
			 { { BX, 16, 0, "w" } } },
		       { "xchg [rbx], rdx; mov al, [rdx]; mov al, [rbx]",
			 CODE("\x48\x87\x13\x8a\x02\x8a\x03"),
			 { { 0 } },
			 { { BX, 8, 0, "w" }, { BX, 1, 2, "r" } } },
		       { "lock xadd [rbx], rdx; mov al, [rdx]; mov al, [rbx]",
			 CODE("\xf0\x48\x0f\xc1\x13\x8a\x02\x8a\x03"),
			 { { 0 } },
			 { { BX, 8, 0, "w" }, { BX, 1, 2, "r" } } },
		       { "lock add dword ptr [rbx], 1; lock inc qword ptr [rbx + 8]",
			 CODE("\xf0\x83\x03\x01\xf0\x48\xff\x43\x08"),
			 { { 0 } },
			 { { BX, 4, 0, "w" }, { BX + 8, 8, 1, "w" } } });
}

TEST(modify, "a compare only reads, a read-modify-write is one write")
{
	CHECK_EXAMPLES(
		{ "cmp [rbx], rax; test byte ptr [rbx], 1; cmp rax, [rbx]",
		  CODE("\x48\x39\x03\xf6\x03\x01\x48\x3b\x03"),
		  { { 0 } },
		  { { BX, 8, 0, "r" }, { BX, 1, 1, "r" }, { BX, 8, 2, "r" } } },
		{ "add [rbx], rax; not dword ptr [rbx]; shl word ptr [rbx], cl; add rax, [rbx]",
		  CODE("\x48\x01\x03\xf7\x13\x66\xd3\x23\x48\x03\x03"),
		  { { 0 } },
		  { { BX, 8, 0, "w" }, { BX, 4, 1, "w" }, { BX, 2, 2, "w" }, { BX, 8, 3, "r" } } },
		{ "sete [rbx]; movnti [rbx], rax; movbe rax, [rbx]; popcnt rax, [rbx]",
		  CODE("\x0f\x94\x03\x48\x0f\xc3\x03\x48\x0f\x38\xf0\x03\xf3\x48\x0f\xb8\x03"),
		  { { 0 } },
		  { { BX, 1, 0, "w" }, { BX, 8, 1, "w" }, { BX, 8, 2, "r" }, { BX, 8, 3, "r" } } });
}

TEST(stops, "what changes more than can be followed ends the walk")
{
	CHECK_EXAMPLES(
		{ "syscall; mov al, [rbx]", CODE("\x0f\x05\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "int 0x80; mov al, [rbx]", CODE("\xcd\x80\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "int3; mov al, [rbx]", CODE("\xcc\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "hlt; mov al, [rbx]", CODE("\xf4\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "ud2; mov al, [rbx]", CODE("\x0f\x0b\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "xsave [rbx]; mov al, [rbx]",
		  CODE("\x0f\xae\x23\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "xrstor [rbx]; mov al, [rbx]",
		  CODE("\x0f\xae\x2b\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "xsavec [rbx]; mov al, [rbx]",
		  CODE("\x0f\xc7\x23\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "wrfsbase rax; mov al, [rbx]",
		  CODE("\xf3\x48\x0f\xae\xd0\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "enter 16, 0; mov al, [rbx]",
		  CODE("\xc8\x10\x00\x00\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "popfq; mov al, [rbx]", CODE("\x9d\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "iretq; mov al, [rbx]", CODE("\x48\xcf\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "in al, dx; mov al, [rbx]", CODE("\xec\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "rep insb; mov al, [rbx]", CODE("\xf3\x6c\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "xlatb; mov al, [rbx]", CODE("\xd7\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "xbegin .+6; mov al, [rbx]",
		  CODE("\xc7\xf8\x00\x00\x00\x00\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "jrcxz .+2; mov al, [rbx]", CODE("\xe3\x00\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "loop .+2; mov al, [rbx]", CODE("\xe2\x00\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "movdir64b rax, [rbx]; mov al, [rbx]",
		  CODE("\x66\x0f\x38\xf8\x03\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "clzero; mov al, [rbx]", CODE("\x0f\x01\xfc\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "monitor; mov al, [rbx]", CODE("\x0f\x01\xc8\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "mwait; mov al, [rbx]", CODE("\x0f\x01\xc9\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "rdsspq rax; mov al, [rbx]",
		  CODE("\xf3\x48\x0f\x1e\xc8\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "sysenter; mov al, [rbx]", CODE("\x0f\x34\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "retf; mov al, [rbx]", CODE("\xcb\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "jmp fword ptr [rbx]; mov al, [rbx]",
		  CODE("\xff\x2b\x8a\x03"),
		  { { 0 } },
		  { { 0 } } },
		{ "vmcall; mov al, [rbx]", CODE("\x0f\x01\xc1\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "push fs; mov al, [rbx]", CODE("\x0f\xa0\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "pop gs; mov al, [rbx]", CODE("\x0f\xa9\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "data16 call", CODE("\x66\xe8\x00\x00\x00\x00\x8a\x03"), { { 0 } }, { { 0 } } },
		{ "data16 ret", CODE("\x66\xc3\x8a\x03"), { { 0 } }, { { 0 } } });
}

TEST(area, "a state save area is not predicted")
{
	CHECK_EXAMPLES({ "fxsave [rbx]", CODE("\x0f\xae\x03"), { { 0 } }, { { 0 } } },
		       { "fxrstor [rbx]", CODE("\x0f\xae\x0b"), { { 0 } }, { { 0 } } });
}

TEST(wide_branch, "a call with both an operand size prefix and REX.W is an ordinary one")
{
	CHECK_EXAMPLES({ "data16 rex.W call +0; mov al, [rbx]",
			 CODE("\x66\x48\xe8\x00\x00\x00\x00\x8a\x03"),
			 { { 0 } },
			 { { SP - 8, 8, 0, "ws" }, { BX, 1, 1, "r" } } });
}

TEST_MAIN()
