// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user to whom nobody has given the device. Each attempt must fail for him, and
 * succeed for root, or it would show nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../driver/calls.h"
#include "fuzz.h"

/* %s is the address of the PCI function. A file that this kernel does not have is left out. */
static const struct {
	const char *path;
	int flags;
} files[] = {
	{ FUZZ_DEVICE, O_RDONLY },
	{ FUZZ_DEVICE, O_WRONLY },
	{ FUZZ_DEVICE, O_RDWR },
	{ "/sys/bus/pci/drivers/dsa_sample/bind", O_WRONLY },
	{ "/sys/bus/pci/drivers/dsa_sample/unbind", O_WRONLY },
	{ "/sys/bus/pci/drivers/dsa_sample/new_id", O_WRONLY },
	{ "/sys/bus/pci/devices/%s/config", O_RDWR },
	{ "/sys/bus/pci/devices/%s/resource0", O_RDWR },
	{ "/sys/bus/pci/devices/%s/resource2", O_RDWR },
	{ "/sys/bus/pci/devices/%s/enable", O_WRONLY },
	{ "/sys/bus/pci/devices/%s/reset", O_WRONLY },
	{ "/sys/bus/pci/devices/%s/remove", O_WRONLY },
	{ "/sys/bus/pci/devices/%s/driver_override", O_WRONLY },
	{ "/sys/kernel/debug", O_RDONLY },
	{ "/dev/mem", O_RDWR },
};

#define FILES (sizeof(files) / sizeof(files[0]))
/* So many of them there are in every kernel with sysfs. */
#define FILES_LEAST 10

/* What the stranger has got; 0: nothing. */
struct got {
	int things;
	char what[160];
};

static void got_it(struct got *got, const char *what)
{
	got->things++;
	snprintf(got->what, sizeof(got->what), "%s", what);
}

static int file_open(size_t i)
{
	char path[128];

	/* Two kinds of format, one of them without a conversion. */
	if (strchr(files[i].path, '%'))
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s%s", pci_address,
			 strrchr(files[i].path, '/'));
	else
		snprintf(path, sizeof(path), "%s", files[i].path);
	return open(path, files[i].flags | O_CLOEXEC);
}

/* @owner: a process of root's that has the queue @fd. */
static void try_all(struct got *got, pid_t owner, int fd)
{
	struct dsa_sample_info info = { .argsz = sizeof(info) };
	char path[64];
	struct stat device;
	size_t i;
	int path_fd, other;

	for (i = 0; i < FILES; i++)
		if (file_open(i) >= 0)
			got_it(got, files[i].path);
	/* A path is no file: it can be had, but nothing can be done with it. */
	path_fd = open(FUZZ_DEVICE, O_PATH);
	if (path_fd >= 0 && !ioctl(path_fd, DSA_SAMPLE_INFO, &info))
		got_it(got, "an answer through O_PATH");
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", owner, fd);
	if (open(path, O_RDWR) >= 0)
		got_it(got, "a queue through /proc");
	other = syscall(SYS_pidfd_open, owner, 0);
	if (other >= 0 && syscall(SYS_pidfd_getfd, other, fd, 0) >= 0)
		got_it(got, "a queue through pidfd_getfd");
	if (!stat(FUZZ_DEVICE, &device)) {
		snprintf(path, sizeof(path), "/tmp/dsa-sample-%d", getpid());
		if (!mknod(path, S_IFCHR | 0600, device.st_rdev)) {
			got_it(got, "a node of the device");
			unlink(path);
		}
		if (!chmod(FUZZ_DEVICE, 0666) || !chown(FUZZ_DEVICE, getuid(), -1))
			got_it(got, "the device's node");
	}
	if (!syscall(SYS_delete_module, "dsa_sample", O_NONBLOCK) || errno != EPERM)
		got_it(got, "the module out");
}

static bool nothing_for(const struct user *user, const char *mode)
{
	struct got *got;
	struct queue q;
	int device = device_open(), status;
	bool good = false;
	pid_t pid;

	got = mmap(NULL, sizeof(*got), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (got == MAP_FAILED || !queue_open(device, &q, 0)) {
		close(device);
		return false;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		user_become(user);
		try_all(got, getppid(), q.fd);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		printf("# the stranger ended with status %#x\n", status);
	else if (got->things)
		printf("# %s: the stranger has got %d things, of which one is %s\n", mode,
		       got->things, got->what);
	else
		good = true;
	munmap(got, sizeof(*got));
	queue_close(&q);
	close(device);
	return good;
}

bool strangers_run(void)
{
	static const struct user stranger = { "stranger", FUZZ_STRANGER, FUZZ_STRANGER };
	size_t i, opened = 0;
	bool good = true;
	int fd;

	for (i = 0; i < FILES; i++) {
		fd = file_open(i);
		if (fd >= 0) {
			opened++;
			close(fd);
		} else if (errno != ENOENT) {
			printf("# root cannot open %s: %s\n", files[i].path, strerror(errno));
		}
	}
	if (opened < FILES_LEAST) {
		printf("# root can open only %zu of the files: that shows nothing\n", opened);
		good = false;
	}
	/* As the driver makes it, and as a rule for another group does. */
	good = nothing_for(&stranger, "as the driver leaves it") && good;
	if (!device_grant(true))
		return false;
	return nothing_for(&stranger, "as a rule of udev leaves it") && good;
}
