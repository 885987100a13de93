// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "log.h"
#include "sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#undef HAVE_LIBSECCOMP
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#undef HAVE_LIBSECCOMP
#endif
#endif

#ifndef HAVE_LIBSECCOMP

bool sandbox_available(void)
{
	return false;
}

int sandbox_enter(bool write_files)
{
	(void)write_files;
	return -ENOTSUP;
}

#else

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>

/* Names, not numbers: architectures differ in which of these they have. */
static const char *const allowed[] = {
	/* the sockets and triggers there are */
	"read", "readv", "write", "writev", "recvmsg", "recvfrom", "sendmsg", "sendto",
	"accept4", "close", "shutdown", "getsockopt", "setsockopt", "poll", "ppoll",
	/* the client's memory: its files, mapped or not */
	"munmap", "mremap", "madvise", "brk", "fstat", "fcntl",
	"pread64", "pwrite64",
	/* threads and signals */
	"futex", "set_robust_list", "rseq", "sched_yield", "gettid", "getpid", "tgkill",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
	"exit", "exit_group",
	/* time */
	"clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday",
	/* what kind of descriptor it is; removing socket files at the end */
	"readlink", "readlinkat", "lstat", "newfstatat", "unlink", "unlinkat",
	"getrandom", "umask",
};

/* For the statistics: a new file takes the place of the old one. */
static const char *const for_files[] = {
	"openat", "open", "fchmod", "rename", "renameat", "lseek",
};

/* Nothing in here asks for these, whatever the C library does. */
static const char *const deadly[] = {
	"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
	"socket", "connect", "bind", "listen", "socketpair",
	"mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
	"setuid", "setgid", "setresuid", "setresgid", "setgroups", "capset", "unshare", "setns",
	"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key",
	"open_by_handle_at", "personality", "chmod", "chown", "link", "symlink", "mknod",
	"linkat", "symlinkat", "mknodat",
};

bool sandbox_available(void)
{
	return true;
}

static int add_rules(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t count)
{
	size_t i;
	int ret;

	for (i = 0; i < count; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);

		/* Not on this architecture, or newer than the library. */
		if (call == __NR_SCMP_ERROR || call < 0)
			continue;
		ret = seccomp_rule_add(ctx, action, call, 0);
		if (ret)
			return ret;
	}
	return 0;
}

/* Memory is mapped and protected, but never executable. */
static int add_memory_rules(scmp_filter_ctx ctx)
{
	int ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (!ret)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return ret;
}

/* Threads, no processes. clone3() has its flags in memory: the C library does without it. */
static int add_thread_rules(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

static int build(scmp_filter_ctx ctx, bool write_files)
{
	int ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);

	if (!ret)
		ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 1);
	if (!ret)
		ret = add_rules(ctx, SCMP_ACT_ALLOW, allowed, sizeof(allowed) / sizeof(allowed[0]));
	if (!ret && write_files)
		ret = add_rules(ctx, SCMP_ACT_ALLOW, for_files,
				sizeof(for_files) / sizeof(for_files[0]));
	if (!ret)
		ret = add_rules(ctx, SCMP_ACT_KILL_PROCESS, deadly,
				sizeof(deadly) / sizeof(deadly[0]));
	if (!ret)
		ret = add_memory_rules(ctx);
	if (!ret)
		ret = add_thread_rules(ctx);
	return ret;
}

int sandbox_enter(bool write_files)
{
	scmp_filter_ctx ctx;
	int ret;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		ret = -errno;
		log_error("cannot give up gaining privileges: %s", strerror(-ret));
		return ret;
	}
	ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!ctx)
		return -ENOMEM;
	ret = build(ctx, write_files);
	if (!ret)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	if (ret)
		log_error("cannot load the filter of system calls: %s (--no-sandbox does without)",
			  strerror(-ret));
	return ret;
}

#endif
