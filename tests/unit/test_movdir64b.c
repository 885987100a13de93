// SPDX-License-Identifier: GPL-2.0-only
/* tests/vm/movdir64b: which instructions it takes for MOVDIR64B, as an assembler makes them. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef int8_t s8;
typedef int32_t s32;

#include "../vm/movdir64b/decode.h"
#include "unit.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

#define IP 0x7fff00000000ul

/* Each register has a value of its own, far from the others'. */
static unsigned long value(unsigned int number)
{
	return 0x100000000ul * (number + 1) + 0x40 * number;
}

/* The bytes between two labels, and what they are padded with. */
#define ASSEMBLE(name, text)						\
	extern const u8 name[], name##_end[];				\
	asm(".pushsection .rodata\n"					\
	    #name ": " text "\n"					\
	    #name "_end: .fill 15, 1, 0xcc\n"				\
	    ".popsection\n")

ASSEMBLE(plain, "movdir64b (%rdx), %rax");
ASSEMBLE(high_registers, "movdir64b (%r9), %r15");
ASSEMBLE(small_displacement, "movdir64b -64(%rsi), %rdi");
ASSEMBLE(large_displacement, "movdir64b 0x12345(%r14), %rbx");
ASSEMBLE(negative_displacement, "movdir64b -0x12345(%rcx), %r8");
ASSEMBLE(stack, "movdir64b 8(%rsp), %rax");
ASSEMBLE(frame, "movdir64b (%rbp), %rax");
ASSEMBLE(high_frame, "movdir64b (%r13), %rax");
ASSEMBLE(high_stack, "movdir64b (%r12), %rbp");
ASSEMBLE(index_scaled, "movdir64b 16(%rbx,%rcx,4), %rax");
ASSEMBLE(index_high, "movdir64b (%rax,%r12,8), %rdx");
ASSEMBLE(index_only, "movdir64b 0x40(,%rdi,2), %rax");
ASSEMBLE(absolute, "movdir64b 0x1000, %rax");
ASSEMBLE(relative, "movdir64b 0x100(%rip), %rsp");
ASSEMBLE(relative_high, "movdir64b -0x100(%rip), %r10");

static const struct {
	const char *name;
	const u8 *code, *end;
	unsigned int to;
	/* The source: registers, by what the second one is multiplied, and the rest. */
	int base, index;
	unsigned int scale;
	long displacement;
	bool relative;
} samples[] = {
#define SAMPLE(name) #name, name, name##_end
	{ SAMPLE(plain), RAX, RDX, -1, 0, 0, false },
	{ SAMPLE(high_registers), R15, R9, -1, 0, 0, false },
	{ SAMPLE(small_displacement), RDI, RSI, -1, 0, -64, false },
	{ SAMPLE(large_displacement), RBX, R14, -1, 0, 0x12345, false },
	{ SAMPLE(negative_displacement), R8, RCX, -1, 0, -0x12345, false },
	{ SAMPLE(stack), RAX, RSP, -1, 0, 8, false },
	{ SAMPLE(frame), RAX, RBP, -1, 0, 0, false },
	{ SAMPLE(high_frame), RAX, R13, -1, 0, 0, false },
	{ SAMPLE(high_stack), RBP, R12, -1, 0, 0, false },
	{ SAMPLE(index_scaled), RAX, RBX, RCX, 4, 16, false },
	{ SAMPLE(index_high), RDX, RAX, R12, 8, 0, false },
	{ SAMPLE(index_only), RAX, -1, RDI, 2, 0x40, false },
	{ SAMPLE(absolute), RAX, -1, -1, 0, 0x1000, false },
	{ SAMPLE(relative), RSP, -1, -1, 0, 0x100, true },
	{ SAMPLE(relative_high), R10, -1, -1, 0, -0x100, true },
};

static unsigned long registers[INSN_REGISTERS];

static void setup(void)
{
	for (unsigned int i = 0; i < INSN_REGISTERS; i++)
		registers[i] = value(i);
}

START_TEST(operands_are_found)
{
	const __typeof__(samples[0]) *sample = &samples[_i];
	unsigned long from = sample->displacement;
	struct movdir64b insn;

	ck_assert_msg(movdir64b_decode(sample->code, registers, IP, &insn), "%s", sample->name);
	ck_assert_uint_eq(insn.bytes, sample->end - sample->code);
	ck_assert(!insn.enqueues);
	if (sample->base >= 0)
		from += value(sample->base);
	if (sample->index >= 0)
		from += value(sample->index) * sample->scale;
	if (sample->relative)
		from += IP + insn.bytes;
	ck_assert_msg(insn.from == from, "%s: %#lx, not %#lx", sample->name, insn.from, from);
	ck_assert_msg(insn.to == value(sample->to), "%s: %#lx", sample->name, insn.to);
}
END_TEST

ASSEMBLE(enqcmd, "enqcmd (%rdx), %rax");
ASSEMBLE(enqcmds, "enqcmds (%rdx), %rax");
ASSEMBLE(enqcmds_high, "enqcmds -64(%r9), %r15");
ASSEMBLE(movdiri, "movdiri %rax, (%rdx)");
ASSEMBLE(short_addresses, "movdir64b (%edx), %eax");
ASSEMBLE(other_segment, "movdir64b %fs:(%rdx), %rax");
ASSEMBLE(ud2, "ud2");
ASSEMBLE(two_registers, ".byte 0x66, 0x0f, 0x38, 0xf8, 0xc2");
ASSEMBLE(without_prefix, ".byte 0x0f, 0x38, 0xf8, 0x02");

START_TEST(other_instructions_are_left_alone)
{
	static const struct {
		const char *name;
		const u8 *code;
	} others[] = {
#define OTHER(name) { #name, name }
		OTHER(enqcmd), OTHER(movdiri), OTHER(short_addresses),
		OTHER(other_segment), OTHER(ud2), OTHER(two_registers), OTHER(without_prefix),
	};
	struct movdir64b insn;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!movdir64b_decode(others[i].code, registers, IP, &insn),
			      "%s", others[i].name);
}
END_TEST

START_TEST(enqcmds_is_another_prefix)
{
	struct movdir64b insn;

	ck_assert(movdir64b_decode(enqcmds, registers, IP, &insn));
	ck_assert(insn.enqueues && insn.bytes == 5);
	ck_assert(insn.from == value(2) && insn.to == value(0));
	ck_assert(movdir64b_decode(enqcmds_high, registers, IP, &insn));
	ck_assert(insn.enqueues && insn.bytes == 7);
	ck_assert(insn.from == value(9) - 64 && insn.to == value(15));
}
END_TEST

/* Under the sanitizers: no more is looked at than there is. */
START_TEST(nothing_is_read_beyond_the_longest_instruction)
{
	struct movdir64b insn;
	u8 *code = malloc(MAX_INSN_BYTES);

	ck_assert_ptr_nonnull(code);
	for (unsigned int modrm = 0; modrm < 256; modrm++) {
		for (unsigned int sib = 0; sib < 256; sib++) {
			const u8 start[] = { 0x66, 0x4f, 0x0f, 0x38, 0xf8, modrm, sib };

			memset(code, 0xff, MAX_INSN_BYTES);
			memcpy(code, start, sizeof(start));
			ck_assert_int_eq(movdir64b_decode(code, registers, IP, &insn), modrm < 0xc0);
			if (modrm < 0xc0)
				ck_assert_uint_le(insn.bytes, MAX_INSN_BYTES);
		}
	}
	free(code);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("movdir64b");
	TCase *tcase = tcase_create("decode");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, operands_are_found, 0, sizeof(samples) / sizeof(samples[0]));
	tcase_add_test(tcase, other_instructions_are_left_alone);
	tcase_add_test(tcase, enqcmds_is_another_prefix);
	tcase_add_test(tcase, nothing_is_read_beyond_the_longest_instruction);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
