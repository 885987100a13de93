// SPDX-License-Identifier: GPL-2.0-only
/* The user interface compiles as C++ and means the same there. */
#include <dsa_sample.h>

int main()
{
	dsa_sample_queue_up up = {};
	dsa_sample_submit submit = {};

	up.argsz = sizeof(up);
	up.flags = DSA_SAMPLE_QUEUE_CLOEXEC;
	submit.argsz = sizeof(submit);
	submit.flags = DSA_SAMPLE_SUBMIT_HOLD;
	return up.argsz == 72 && submit.argsz == 24 && DSA_SAMPLE_QUEUE_UP != DSA_SAMPLE_SUBMIT &&
		       DSA_SAMPLE_HOW_STRANDED == 2 ?
		       0 :
		       1;
}
