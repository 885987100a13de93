// SPDX-License-Identifier: GPL-2.0-only
/* See event_log_host.h. */
#include "event_log_host.h"

#include <check.h>
#include <string.h>

struct model_host *logging_at(const char *profile, uint64_t base, unsigned int size)
{
	struct dsa_device_params params = { .profile = profile };
	struct model_host *host = host_new(&params);

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	write64(host, DSA_REG_EVLCFG, base);
	write64(host, DSA_REG_EVLCFG + 8, SIZE(size));
	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT | DSA_GENCTRL_EVL_INT);
	write32(host, DSA_REG_GENCFG, EVL_ON);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	return host;
}

struct model_host *logging(void)
{
	return logging_at("v2", LOG, DSA_EVL_SIZE_MIN);
}

struct dsa_evl_entry entry_at(struct model_host *host, unsigned int index)
{
	struct dsa_evl_entry entry;

	pthread_mutex_lock(&host->lock);
	memcpy(&entry, host_at(host, LOG + index * sizeof(entry)), sizeof(entry));
	pthread_mutex_unlock(&host->lock);
	return entry;
}

uint8_t code_of(const struct dsa_evl_entry *entry)
{
	return FIELD_GET(DSA_SWERROR0_CODE, entry->what);
}

uint32_t info_of(const struct dsa_evl_entry *entry)
{
	return FIELD_GET(DSA_SWERROR1_INFO, entry->info);
}

unsigned int tail(struct model_host *host)
{
	return FIELD_GET(DSA_EVLSTATUS_TAIL, read64(host, DSA_REG_EVLSTATUS));
}

unsigned int head(struct model_host *host)
{
	return FIELD_GET(DSA_EVLSTATUS_HEAD, read64(host, DSA_REG_EVLSTATUS));
}

bool int_pending(struct model_host *host)
{
	return read64(host, DSA_REG_EVLSTATUS) & DSA_EVLSTATUS_INT_PENDING;
}

void clear_pending(struct model_host *host)
{
	write32(host, DSA_REG_EVLSTATUS + 4, DSA_EVLSTATUS_INT_PENDING >> 32);
}

uint8_t swerror_code(struct model_host *host)
{
	uint64_t word = read64(host, DSA_REG_SWERROR);

	return word & DSA_SWERROR0_VALID ? FIELD_GET(DSA_SWERROR0_CODE, word) : 0;
}

struct dsa_hw_desc bad_opcode(void)
{
	return (struct dsa_hw_desc){ .opcode = 0xfe };
}

void make_entries(struct model_host *host, unsigned int count)
{
	const struct dsa_hw_desc desc = bad_opcode();

	while (count--)
		run_one(host, 0, &desc);
}
