// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the doctor says of several machines, line by line, and of machines on
 * which one thing is different.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "command_doctor.h"
#include "command_run.h"
#include "doctor.h"
#include "doctor_machines.h"
#include "machine_files.h"
#include "unit.h"

/* ---- What answers ------------------------------------------------------------- */

static struct {
	int vfio;
	struct doctor_irq_info irq;
	int sample;
	struct dsa_sample_info info;
	const char *qemu;
} answers;

static int answer_vfio(const char *address, const char *group, struct doctor_irq_info *info,
		       struct problem *problem)
{
	ck_assert_str_eq(address, A);
	ck_assert_str_eq(group, "12");
	*info = answers.irq;
	return answers.vfio ? problem_set(problem, answers.vfio, "open /dev/vfio/12: %s",
					  strerror(-answers.vfio))
			    : 0;
}

static int answer_qemu(const char *program, char *text, size_t size)
{
	(void)program;
	snprintf(text, size, "%s", answers.qemu);
	return answers.qemu[0] ? 0 : -EPROTO;
}

static int answer_sample(const char *path, struct dsa_sample_info *info)
{
	(void)path;
	*info = answers.info;
	return answers.sample;
}

/* ---- Machines ------------------------------------------------------------------ */

static char root[64];
static struct doctor_machine machine;
static struct doctor_report report;
static unsigned int asked;

static void setup(void)
{
	snprintf(root, sizeof(root), "/tmp/doctor-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	machine = (struct doctor_machine){
		.root = root,
		.path = "/nowhere:/usr/bin:/bin",
		.vfio_irq_info = answer_vfio,
		.qemu_version = answer_qemu,
		.sample_info = answer_sample,
	};
	answers.vfio = 0;
	answers.irq = (struct doctor_irq_info){ .count = 9 };
	answers.sample = 0;
	answers.info = (struct dsa_sample_info){
		.api_version = DSA_SAMPLE_API_VERSION,
		.queues = 8,
		.queue_entries = 16,
		.vectors = 9,
	};
	answers.qemu = "10.0.2";
	asked = 0;
	report = (struct doctor_report){ 0 };
}

static void teardown(void)
{
	doctor_report_destroy(&report);
	machine_files_remove(root);
}

static const struct known_machine *find_machine(const char *name)
{
	for (size_t i = 0; i < doctor_machine_count; i++)
		if (strcmp(doctor_machines[i].name, name) == 0)
			return &doctor_machines[i];
	ck_abort_msg("there is no machine '%s'", name);
}

static void make_machine(const struct known_machine *known)
{
	static const struct machine_file qemu[] = {
		{ "/usr/bin/qemu-system-x86_64", "#!" },
		{ NULL },
	};

	for (size_t i = 0; known->files[i]; i++)
		machine_files_make(root, known->files[i]);
	if (known->qemu)
		machine_files_make(root, qemu);
	asked = known->asked;
	machine.uid = known->uid;
	answers.vfio = known->vfio;
	if (known->irq.count)
		answers.irq = known->irq;
	answers.qemu = known->qemu ? known->qemu : "10.0.2";
	/* Permissions are looked at for another user than the one who made the files. */
	machine.gid = getegid() + known->uid;
	if (known->uid)
		machine.uid = geteuid() + known->uid;
}

static const char *line_text(const struct doctor_line *line)
{
	static const char *const names[] = {
		[DOCTOR_PASS] = "pass",
		[DOCTOR_WARN] = "warn",
		[DOCTOR_FAIL] = "fail",
	};
	static char text[1024];

	snprintf(text, sizeof(text), "%s %s %s", names[line->status], line->check, line->text);
	return text;
}

/* Every line that is not a pass says what to do, and only a failure has a verdict. */
static void check_lines_whole(void)
{
	for (size_t i = 0; i < report.count; i++) {
		const struct doctor_line *line = &report.lines[i];

		ck_assert_msg((line->status == DOCTOR_PASS) == !line->fix, "%s", line->text);
		ck_assert_msg((line->status == DOCTOR_FAIL) == (line->verdict != DOCTOR_READY),
			      "%s", line->text);
		ck_assert_msg(!line->fix || line->fix[0], "%s", line->text);
	}
}

START_TEST(known_machines)
{
	const struct known_machine *known = &doctor_machines[_i];
	size_t count = 0;

	make_machine(known);
	ck_assert_int_eq(doctor_examine(&machine, asked, &report), 0);
	ck_assert_msg(report.parts == known->parts, "%s: parts %u", known->name, report.parts);
	for (; known->lines[count]; count++) {
		const char *expected = known->lines[count];

		ck_assert_msg(count < report.count, "%s: '%s' is missing", known->name, expected);
		if (machine.uid && strncmp(expected, "warn user ", 10) == 0)
			continue;
		ck_assert_msg(strcmp(line_text(&report.lines[count]), expected) == 0,
			      "%s:\nexpected %s\n     got %s", known->name, expected,
			      line_text(&report.lines[count]));
	}
	ck_assert_msg(count == report.count, "%s: and '%s'", known->name,
		      line_text(&report.lines[count]));
	ck_assert_msg(doctor_verdict(&report) == known->verdict, "%s", known->name);
	check_lines_whole();
}
END_TEST

/* ---- One thing is different ----------------------------------------------------- */

static const struct doctor_line *find_line(const char *text)
{
	for (size_t i = 0; i < report.count; i++)
		if (strcmp(line_text(&report.lines[i]), text) == 0)
			return &report.lines[i];
	doctor_render_human(&report, stdout);
	return NULL;
}

static void expect_line(const char *text, const char *fix, enum doctor_verdict verdict)
{
	const struct doctor_line *line;

	doctor_report_destroy(&report);
	ck_assert_int_eq(doctor_examine(&machine, asked, &report), 0);
	line = find_line(text);
	ck_assert_msg(line != NULL, "there is no line '%s'", text);
	ck_assert_msg(!fix == !line->fix && (!fix || strstr(line->fix, fix)),
		      "%s: what to do is '%s', not '%s'", text, line->fix ? line->fix : "",
		      fix ? fix : "");
	ck_assert_msg(doctor_verdict(&report) == verdict, "%s: verdict %d", text,
		      doctor_verdict(&report));
	check_lines_whole();
}

START_TEST(one_thing_different)
{
	const struct change *change = &doctor_changes[_i];
	const struct machine_file files[] = { change->file, { NULL } };

	make_machine(find_machine(change->machine));
	machine_files_make(root, files);
	expect_line(change->line, change->fix, change->verdict);
}
END_TEST

/* ---- More than one file ---------------------------------------------------------- */

START_TEST(strangers_in_the_group)
{
	static const struct machine_file files[] = {
		{ "/sys/kernel/iommu_groups/12/devices/0000:6a:02.0", MACHINE_LINK("x") },
		{ "/sys/kernel/iommu_groups/12/devices/0000:6a:00.0", MACHINE_LINK("x") },
		{ "/sys/bus/pci/devices/0000:6a:00.0/class", "0x060400\n" },
		{ "/sys/bus/pci/devices/0000:6a:00.0/driver", MACHINE_LINK(DRIVERS "shpchp") },
		{ OTHER "/class", "0x020000\n" },
		{ OTHER "/driver", MACHINE_LINK(DRIVERS "e1000e") },
		{ NULL },
	};
	static const struct machine_file free_other[] = {
		{ OTHER "/driver", MACHINE_ABSENT },
		{ NULL },
	};

	make_machine(find_machine("host with ours"));
	machine_files_make(root, files);
	expect_line("fail iommu-group " A
		    " shares IOMMU group 12 with 0000:6a:02.0, which is bound "
		    "to e1000e",
		    "unbind the others", DOCTOR_CANNOT);
	machine_files_make(root, free_other);
	expect_line("pass iommu-group " A " is in IOMMU group 12, with nobody else's device", NULL,
		    DOCTOR_READY);
}
END_TEST

START_TEST(too_few_vectors)
{
	make_machine(find_machine("host with ours"));
	for (int i = 0; i < 392; i++) {
		char path[128];
		const struct machine_file file[] = { { path, "msi\n" }, { NULL } };

		snprintf(path, sizeof(path), OTHER "/msi_irqs/%d", 100 + i);
		machine_files_make(root, file);
	}
	expect_line(
		"warn vectors 393 message interrupts are in use, 8 more may be wanted by guests, "
		"but only about 400 are possible",
		"fewer queues", DOCTOR_READY);
}
END_TEST

START_TEST(device_in_use)
{
	static const struct machine_file dynamic[] = {
		{ "/sys/kernel/debug/vfio-pci-irq/" A "/state",
		  "index MSI-X\nsource dynamic\nlimit 9\nirqs 4\n" },
		{ NULL },
	};
	static const struct machine_file fixed[] = {
		{ "/sys/kernel/debug/vfio-pci-irq/" A "/state",
		  "index MSI-X\nsource fixed\nlimit 4\nirqs 4\n" },
		{ NULL },
	};

	make_machine(find_machine("host with ours"));
	answers.vfio = -EBUSY;
	expect_line("warn noresize " A " is in use: VFIO cannot be asked about it", "ask again",
		    DOCTOR_READY);
	machine_files_make(root, dynamic);
	expect_line("pass noresize " A
		    ", in use, can be given vectors one at a time (source dynamic)",
		    NULL, DOCTOR_READY);
	machine_files_make(root, fixed);
	expect_line("fail noresize " A ", in use, cannot be given another vector (source fixed)",
		    "vfio-pci-dynmsix", DOCTOR_LOSES);
}
END_TEST

START_TEST(vfio_answers)
{
	make_machine(find_machine("host with ours"));
	answers.vfio = -EINVAL;
	expect_line("fail noresize " A
		    " cannot be opened through VFIO: open /dev/vfio/12: Invalid argument",
		    "dmesg", DOCTOR_CANNOT);
	answers.vfio = 0;
	answers.irq.count = 0;
	expect_line("warn noresize " A " has no MSI-X", "lspci", DOCTOR_READY);
	answers.irq = (struct doctor_irq_info){ .count = 9, .noresize = true };
	expect_line("fail noresize VFIO_IRQ_INFO_NORESIZE is set for " A
		    ": to add a vector all 9 are taken down",
		    "vfio-pci-dynmsix", DOCTOR_LOSES);
	machine.vfio_irq_info = NULL;
	expect_line("warn noresize " A ": a directory of files cannot be asked", "--root",
		    DOCTOR_READY);
}
END_TEST

START_TEST(driver_answers)
{
	make_machine(find_machine("guest with the model"));
	answers.sample = -ENODEV;
	expect_line("fail nodes /dev/dsa-sample0 does not answer: No such device", "dmesg",
		    DOCTOR_CANNOT);
	answers.sample = 0;
	answers.info.flags = DSA_SAMPLE_INFO_HALTED;
	expect_line("fail nodes /dev/dsa-sample0: the device is halted", "unbind", DOCTOR_CANNOT);
	answers.info.api_version = DSA_SAMPLE_API_VERSION + 1;
	expect_line("fail nodes /dev/dsa-sample0: the driver has interface version 2, this program "
		    "1",
		    "one release", DOCTOR_CANNOT);
	answers.info = (struct dsa_sample_info){
		.api_version = DSA_SAMPLE_API_VERSION, .queues = 8, .vectors = 9, .queues_up = 5
	};
	expect_line(
		"pass nodes /dev/dsa-sample0: 8 queues of 0 entries, 9 vectors, 2 queues are up",
		NULL, DOCTOR_READY);
	machine.sample_info = NULL;
	expect_line("pass nodes /dev/dsa-sample0 can be used", NULL, DOCTOR_READY);
}
END_TEST

START_TEST(qemu_versions)
{
	static const struct {
		const char *version;
		bool grows;
	} versions[] = { { "7.2.22", false }, { "8.1.5", false }, { "8.2.0", true },
			 { "9.0.0", true },   { "10.0.2", true }, { "11.1.3", true } };
	char text[256];

	make_machine(find_machine("host with ours"));
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		answers.qemu = versions[i].version;
		snprintf(text, sizeof(text),
			 versions[i].grows ? "pass qemu QEMU %s (/usr/bin/qemu-system-x86_64) adds "
					     "vectors one "
					     "at a time"
					   : "fail qemu QEMU %s (/usr/bin/qemu-system-x86_64) "
					     "takes all vectors "
					     "down to add one, whatever the kernel can do",
			 versions[i].version);
		expect_line(text, versions[i].grows ? NULL : "backports",
			    versions[i].grows ? DOCTOR_READY : DOCTOR_LOSES);
	}
	answers.qemu = "";
	expect_line("warn qemu /usr/bin/qemu-system-x86_64 does not tell its version", "--version",
		    DOCTOR_READY);
}
END_TEST

/* What two devices have in common is each one's own: one of idxd, one of dsa_sample. */
START_TEST(idxd_without_pasid)
{
	static const struct machine_file no_pasid[] = {
		{ "/sys/bus/dsa/devices/dsa0/pasid_enabled", "0\n" },
		{ NULL },
	};
	static const struct machine_file two[] = {
		{ OTHER "/vendor", "0x8086\n" },
		{ OTHER "/device", "0x0b25\n" },
		{ OTHER "/config", MACHINE_MSIX_9 },
		{ OTHER "/driver", MACHINE_LINK(DRIVERS "dsa_sample") },
		{ "/sys/module/dsa_sample/parameters/portal", "auto\n" },
		{ "/dev/dsa-sample0", MACHINE_NODE("0600") },
		{ NULL },
	};

	make_machine(find_machine("guest with idxd"));
	machine_files_make(root, no_pasid);
	expect_line("warn device idxd has no PASID here, so it refuses work queues of type user",
		    "virtual IOMMU", DOCTOR_READY);
	machine_files_make(root, two);
	expect_line("pass driver dsa_sample is loaded", NULL, DOCTOR_READY);
	expect_line("pass device " A " (8086:0b25) is bound to idxd, for wq-demo run --backend "
		    "idxd",
		    NULL, DOCTOR_READY);
	expect_line("warn blacklist idxd is not blacklisted: at boot it takes the device first",
		    "blacklist idxd", DOCTOR_READY);
}
END_TEST

START_TEST(driver_without_movdir64b)
{
	static const struct machine_file files[] = {
		{ "/proc/cpuinfo", "flags : hypervisor movdir64b\n" },
		{ "/sys/module/dsa_sample/parameters/portal", "stores\n" },
		{ NULL },
	};

	make_machine(find_machine("guest with the model"));
	machine_files_make(root, files);
	expect_line("warn movdir64b portal=stores: descriptors go out as eight stores, which only "
		    "dsa-model understands",
		    "modprobe dsa_sample", DOCTOR_READY);
}
END_TEST

/* A part of the kernel cannot be loaded again with another parameter. */
START_TEST(deny_list_of_a_kernel)
{
	static const struct machine_file files[] = {
		{ "/sys/module/vfio_pci/parameters/disable_denylist", "N\n" },
		{ "/sys/module/vfio_pci/initstate", MACHINE_ABSENT },
		{ NULL },
	};

	make_machine(find_machine("host with stock"));
	machine_files_make(root, files);
	expect_line("fail deny-list " A " (8086:0b25) is on the deny list of vfio-pci",
		    "vfio_pci.disable_denylist=1", DOCTOR_CANNOT);
}
END_TEST

/* ---- Parts, and nothing at all ---------------------------------------------------- */

START_TEST(parts)
{
	static const struct machine_file driver[] = {
		{ "/sys/module/dsa_sample/parameters/portal", "auto\n" },
		{ NULL },
	};

	make_machine(find_machine("host with ours"));
	machine_files_make(root, driver);
	ck_assert_int_eq(doctor_examine(&machine, 0, &report), 0);
	ck_assert_uint_eq(report.parts, DOCTOR_HOST | DOCTOR_GUEST);
	doctor_report_destroy(&report);
	ck_assert_int_eq(doctor_examine(&machine, DOCTOR_GUEST, &report), 0);
	ck_assert_uint_eq(report.parts, DOCTOR_GUEST);
	for (size_t i = 0; i < report.count; i++)
		ck_assert_uint_eq(report.lines[i].part, DOCTOR_GUEST);
}
END_TEST

/* Not a file of what is expected is there. */
START_TEST(empty_machine)
{
	machine.path = "relative::/";
	ck_assert_int_eq(doctor_examine(&machine, DOCTOR_HOST | DOCTOR_GUEST, &report), 0);
	ck_assert_int_eq(doctor_verdict(&report), DOCTOR_CANNOT);
	ck_assert_uint_eq(doctor_count(&report, DOCTOR_FAIL), 8);
	check_lines_whole();
}
END_TEST

/* Nothing is changed: neither a file nor a time of modification below the root. */
START_TEST(nothing_is_changed)
{
	char command[256], before[64], after[64];
	FILE *pipe;

	make_machine(find_machine("host with ours"));
	snprintf(command, sizeof(command),
		 "cd %s && find . -printf '%%p %%m %%T@ %%C@ %%s\\n' | sort | cksum", root);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(before, sizeof(before), pipe));
	pclose(pipe);
	ck_assert_int_eq(doctor_examine(&machine, DOCTOR_HOST | DOCTOR_GUEST, &report), 0);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(after, sizeof(after), pipe));
	pclose(pipe);
	ck_assert_str_eq(before, after);
}
END_TEST

/* ---- JSON -------------------------------------------------------------------------- */

static const char *member(struct json_object *object, const char *key)
{
	struct json_object *value;

	ck_assert_msg(json_object_object_get_ex(object, key, &value), "there is no %s", key);
	return json_object_get_string(value);
}

START_TEST(json)
{
	struct json_object *document, *checks;
	char *text;

	make_machine(find_machine("host with stock"));
	ck_assert_int_eq(doctor_examine(&machine, 0, &report), 0);
	text = doctor_render_json(&report);
	ck_assert_ptr_nonnull(text);
	document = json_tokener_parse(text);
	ck_assert_ptr_nonnull(document);
	ck_assert_str_eq(member(document, "schema"), "wq-demo-doctor");
	ck_assert_str_eq(member(document, "version"), "1");
	ck_assert_str_eq(member(document, "verdict"), "loses");
	ck_assert_str_eq(member(document, "failures"), "3");
	ck_assert_str_eq(member(document, "warnings"), "1");
	ck_assert_str_eq(member(document, "parts"), "[ \"host\" ]");
	ck_assert(json_object_object_get_ex(document, "checks", &checks));
	ck_assert_uint_eq(json_object_array_length(checks), report.count);
	for (size_t i = 0; i < report.count; i++) {
		struct json_object *line = json_object_array_get_idx(checks, i);
		const struct doctor_line *expected = &report.lines[i];
		char joined[1024];

		snprintf(joined, sizeof(joined), "%s %s %s", member(line, "status"),
			 member(line, "check"), member(line, "text"));
		ck_assert_str_eq(joined, line_text(expected));
		ck_assert_int_eq(json_object_object_get_ex(line, "fix", NULL), !!expected->fix);
		ck_assert_str_eq(member(line, "verdict"),
				 expected->verdict == DOCTOR_LOSES ? "loses" : "ready");
	}
	json_object_put(document);
	free(text);
}
END_TEST

/* ---- The command ------------------------------------------------------------------- */

static int command(const char *line, char *output, size_t size)
{
	char copy[256], *arguments[8] = { (char *)"doctor" }, *rest = copy, *word;
	int count = 1, saved, status;
	FILE *file = tmpfile();
	size_t length;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")))
		if (*word)
			arguments[count++] = word;
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	status = command_doctor(count, arguments);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	length = fread(output, 1, size - 1, file);
	output[length] = '\0';
	fclose(file);
	return status;
}

START_TEST(command_line)
{
	static const struct {
		const char *machine;
		const char *options;
		int status;
		const char *first;
		const char *last;
	} expected[] = {
		{ "bare", "", EXIT_HELD, "examined as neither host nor guest\n",
		  "\nsimulates: 0 failures, " },
		{ "bare", "--part host ", EXIT_CANNOT_RUN, "examined as host\n", "\ncannot: " },
		{ "bare", "--part guest ", EXIT_CANNOT_RUN, "examined as guest\n", "\ncannot: " },
		{ "bare", "--part both ", EXIT_CANNOT_RUN, "examined as host and guest\n",
		  "\ncannot: " },
		{ "host with stock", "", EXIT_BROKEN, "examined as host\n", "\nloses: " },
		{ "host with ours", "", EXIT_HELD, "examined as host\n", "\nready: " },
	};
	char line[256], output[16384];

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		machine_files_remove(root);
		ck_assert_int_eq(mkdir(root, 0755), 0);
		make_machine(find_machine(expected[i].machine));
		snprintf(line, sizeof(line), "%s--root %s", expected[i].options, root);
		ck_assert_int_eq(command(line, output, sizeof(output)), expected[i].status);
		ck_assert_msg(strstr(output, expected[i].last) != NULL, "%s", output);
		ck_assert_msg(strncmp(output, expected[i].first, strlen(expected[i].first)) == 0,
			      "%s", output);
		snprintf(line, sizeof(line), "%s--json - --root=%s", expected[i].options, root);
		ck_assert_int_eq(command(line, output, sizeof(output)), expected[i].status);
		ck_assert_int_eq(output[0], '{');
	}
	ck_assert_int_eq(command("--root /nowhere/at/all", output, sizeof(output)), EXIT_USAGE);
	ck_assert_int_eq(command("--root /dev/null", output, sizeof(output)), EXIT_USAGE);
	ck_assert_int_eq(command("--part third", output, sizeof(output)), EXIT_USAGE);
	ck_assert_int_eq(command("--json /nowhere/at/all", output, sizeof(output)), EXIT_USAGE);
	ck_assert_int_eq(command("now", output, sizeof(output)), EXIT_USAGE);
	ck_assert_int_eq(command("--help", output, sizeof(output)), EXIT_HELD);
	ck_assert_ptr_nonnull(strstr(output, "usage: wq-demo doctor"));
}
END_TEST

/* Every check is in the manual; its options are test_wq_demo_man.sh's. */
START_TEST(manual)
{
	char text[32768], wanted[128];
	FILE *file = fopen(MAN_DIR "/wq-demo-doctor.1", "r");
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	for (size_t i = 0; i < doctor_machine_count; i++) {
		for (size_t j = 0; doctor_machines[i].lines[j]; j++) {
			char check[64];

			ck_assert_int_eq(sscanf(doctor_machines[i].lines[j], "%*s %63s", check), 1);
			snprintf(wanted, sizeof(wanted), "\n.It Cm %s\n", check);
			ck_assert_msg(strstr(text, wanted) != NULL, "the manual has no '%s'",
				      check);
		}
	}
}
END_TEST

/* ---- This machine -------------------------------------------------------------------- */

START_TEST(this_machine)
{
	struct doctor_machine here;
	const int before = open_fds();

	doctor_machine_here(&here, "/");
	ck_assert_str_eq(here.root, "");
	ck_assert_int_eq(doctor_examine(&here, DOCTOR_HOST | DOCTOR_GUEST, &report), 0);
	ck_assert_uint_gt(report.count, 0);
	check_lines_whole();
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

/* Programs that pretend to be QEMU. */
START_TEST(asks_qemu)
{
	static const struct {
		const char *script;
		int error;
		const char *version;
	} programs[] = {
		{ "#!/bin/sh\necho \"QEMU emulator version 8.2.1 (Debian 1:8.2.1)\"\n", 0,
		  "8.2.1" },
		{ "#!/bin/sh\necho QEMU emulator version 11.1.3\n", 0, "11.1.3" },
		{ "#!/bin/sh\necho whatever\n", -EPROTO, NULL },
		{ "#!/bin/sh\necho version 9 >&2\n", -EPROTO, NULL },
		{ "#!/bin/sh\nyes 'QEMU emulator version 9.1.0' | head -c 1000000\n", 0, "9.1.0" },
		{ "#!/nowhere/sh\n", -ENOENT, NULL },
	};
	const int before = open_fds();
	struct doctor_machine here;
	char path[128], version[64];

	doctor_machine_here(&here, "");
	snprintf(path, sizeof(path), "%s/qemu", root);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		const struct machine_file file[] = { { "/qemu", programs[i].script }, { NULL } };

		machine_files_make(root, file);
		ck_assert_int_eq(here.qemu_version(path, version, sizeof(version)),
				 programs[i].error);
		if (programs[i].version)
			ck_assert_str_eq(version, programs[i].version);
	}
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(asks_vfio_in_vain)
{
	const int before = open_fds();
	struct doctor_irq_info info;
	struct doctor_machine here;
	struct problem problem;

	doctor_machine_here(&here, "");
	ck_assert_int_eq(here.vfio_irq_info(A, "", &info, &problem), -ENODEV);
	ck_assert_int_eq(here.vfio_irq_info(A, "no-such-group", &info, &problem), -ENOENT);
	ck_assert_str_eq(problem.text, "open /dev/vfio/no-such-group: No such file or directory");
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(asks_the_driver_in_vain)
{
	const int before = open_fds();
	struct dsa_sample_info info;
	struct doctor_machine here;

	doctor_machine_here(&here, "");
	ck_assert_int_eq(here.sample_info("/dev/no-such-node", &info), -ENOENT);
	ck_assert_int_eq(here.sample_info("/dev/null", &info), -ENOTTY);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tcase = tcase_create("doctor");

	/* QEMU may be asked for its version on an emulated machine. */
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, known_machines, 0, (int)doctor_machine_count);
	tcase_add_loop_test(tcase, one_thing_different, 0, (int)doctor_change_count);
	tcase_add_test(tcase, strangers_in_the_group);
	tcase_add_test(tcase, too_few_vectors);
	tcase_add_test(tcase, device_in_use);
	tcase_add_test(tcase, vfio_answers);
	tcase_add_test(tcase, driver_answers);
	tcase_add_test(tcase, qemu_versions);
	tcase_add_test(tcase, idxd_without_pasid);
	tcase_add_test(tcase, driver_without_movdir64b);
	tcase_add_test(tcase, deny_list_of_a_kernel);
	tcase_add_test(tcase, parts);
	tcase_add_test(tcase, empty_machine);
	tcase_add_test(tcase, nothing_is_changed);
	tcase_add_test(tcase, json);
	tcase_add_test(tcase, command_line);
	tcase_add_test(tcase, manual);
	tcase_add_test(tcase, this_machine);
	tcase_add_test(tcase, asks_qemu);
	tcase_add_test(tcase, asks_vfio_in_vain);
	tcase_add_test(tcase, asks_the_driver_in_vain);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
