/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MOVDIR64B as bytes: 66 [REX] 0F 38 F8 /r, with 64-bit addresses and a memory operand;
 * ENQCMDS has F3 in place of 66.
 * That is what compilers and the kernel's headers make. Who includes this has u8, s8, s32
 * and bool, so that it can be tested in user space.
 */
#ifndef MOVDIR64B_DECODE_H
#define MOVDIR64B_DECODE_H

/* As many bytes as an instruction can have are looked at. */
#define MAX_INSN_BYTES		15
#define INSN_REGISTERS		16

struct movdir64b {
	unsigned long from;
	unsigned long to;
	unsigned int bytes;	/* of the instruction */
	bool enqueues;		/* it is ENQCMDS */
};

/*
 * @code:	MAX_INSN_BYTES bytes
 * @registers:	the INSN_REGISTERS general ones, as instructions number them
 * @ip:		where the instruction is
 *
 * False if it is another one.
 */
static inline bool movdir64b_decode(const u8 *code, const unsigned long *registers,
				    unsigned long ip, struct movdir64b *insn)
{
	const u8 prefix_operand_size = 0x66, prefix_rep = 0xf3, prefix_rex = 0x40, rex_r = 4, rex_x = 2, rex_b = 1;
	enum { NO_DISPLACEMENT, DISPLACEMENT_8, DISPLACEMENT_32, REGISTER } mod;
	/* In place of a base register; in place of an index. */
	enum { SIB_FOLLOWS = 4, NO_BASE = 5, NO_INDEX = 4 };
	unsigned int rex = 0, rm, base, at = 0;
	unsigned long address = 0;
	bool relative = false;
	s32 displacement;
	u8 modrm;

	if (code[at] != prefix_operand_size && code[at] != prefix_rep)
		return false;
	insn->enqueues = code[at++] == prefix_rep;
	if ((code[at] & 0xf0) == prefix_rex)
		rex = code[at++];
	if (code[at] != 0x0f || code[at + 1] != 0x38 || code[at + 2] != 0xf8)
		return false;
	at += 3;
	modrm = code[at++];
	mod = modrm >> 6;
	rm = modrm & 7;
	if (mod == REGISTER)
		return false;

	base = rm;
	if (rm == SIB_FOLLOWS) {
		u8 sib = code[at++];
		unsigned int index = (sib >> 3 & 7) | (rex & rex_x ? 8 : 0);

		base = sib & 7;
		if (index != NO_INDEX)
			address += registers[index] << (sib >> 6);
	}
	if (mod == NO_DISPLACEMENT && base == NO_BASE) {
		relative = rm == NO_BASE;
		mod = DISPLACEMENT_32;
	} else {
		address += registers[base | (rex & rex_b ? 8 : 0)];
	}
	if (mod == DISPLACEMENT_8) {
		address += (s8)code[at];
		at += 1;
	} else if (mod == DISPLACEMENT_32) {
		memcpy(&displacement, code + at, sizeof(displacement));
		address += displacement;
		at += sizeof(displacement);
	}
	if (relative)
		address += ip + at;

	insn->from = address;
	insn->to = registers[(modrm >> 3 & 7) | (rex & rex_r ? 8 : 0)];
	insn->bytes = at;
	return true;
}

#endif
