// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "negotiate.h"
#include "protocol.h"

/* Deeper than any version text; bounds the parser's work. */
#define VERSION_JSON_DEPTH 8

enum key_type { KEY_UINT, KEY_BOOL };

struct key {
	const char *name;
	enum key_type type;
	size_t offset; /* in struct vfu_capabilities */
	const char *complaint;
};

static const struct key keys[] = {
	{ "max_msg_fds", KEY_UINT, offsetof(struct vfu_capabilities, max_msg_fds),
	  "max_msg_fds is not a number" },
	{ "max_data_xfer_size", KEY_UINT, offsetof(struct vfu_capabilities, max_data_xfer_size),
	  "max_data_xfer_size is not a number" },
	{ "max_dma_maps", KEY_UINT, offsetof(struct vfu_capabilities, max_dma_maps),
	  "max_dma_maps is not a number" },
	{ "pgsizes", KEY_UINT, offsetof(struct vfu_capabilities, pgsizes),
	  "pgsizes is not a number" },
	{ "write_multiple", KEY_BOOL, offsetof(struct vfu_capabilities, write_multiple),
	  "write_multiple is not true or false" },
};

#define NUM_KEYS (sizeof(keys) / sizeof(keys[0]))

static int read_key(struct json_object *object, const struct key *key,
		    struct vfu_capabilities *caps, const char **why)
{
	char *field = (char *)caps + key->offset;
	struct json_object *value;
	bool right;

	if (!json_object_object_get_ex(object, key->name, &value))
		return 0;
	if (key->type == KEY_BOOL) {
		right = json_object_is_type(value, json_type_boolean);
		if (right)
			*(bool *)field = json_object_get_boolean(value);
	} else {
		/* A negative number reads back as 0 unsigned, so it is looked at signed too. */
		right = json_object_is_type(value, json_type_int) &&
			json_object_get_int64(value) >= 0;
		if (right)
			*(uint64_t *)field = json_object_get_uint64(value);
	}
	if (right)
		return 0;
	*why = key->complaint;
	return -EINVAL;
}

static int read_capabilities(struct json_object *root, struct vfu_capabilities *caps,
			     const char **why)
{
	struct json_object *object;
	size_t i;
	int ret;

	*why = "version text is not a JSON object";
	if (!json_object_is_type(root, json_type_object))
		return -EINVAL;
	if (!json_object_object_get_ex(root, "capabilities", &object))
		return 0;
	*why = "capabilities is not a JSON object";
	if (!json_object_is_type(object, json_type_object))
		return -EINVAL;
	for (i = 0; i < NUM_KEYS; i++) {
		ret = read_key(object, &keys[i], caps, why);
		if (ret)
			return ret;
	}
	return 0;
}

static int parse_text(const char *text, size_t len, struct vfu_capabilities *caps, const char **why)
{
	struct json_tokener *tokener;
	struct json_object *root;
	int ret = -EINVAL;

	/* Exactly one NUL, at the end. */
	if (memchr(text, '\0', len) != text + len - 1) {
		*why = "version text does not end with its only NUL";
		return -EINVAL;
	}
	tokener = json_tokener_new_ex(VERSION_JSON_DEPTH);
	if (!tokener) {
		*why = "out of memory";
		return -ENOMEM;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With the NUL, so that a number or a word at the end is complete. */
	root = json_tokener_parse_ex(tokener, text, len);
	if (json_tokener_get_error(tokener) == json_tokener_success)
		ret = read_capabilities(root, caps, why);
	else
		*why = "version text is not JSON";
	json_object_put(root);
	json_tokener_free(tokener);
	return ret;
}

int vfu_version_parse(const void *payload, size_t len, struct vfu_capabilities *caps,
		      const char **why)
{
	const struct vfu_version *version = payload;
	int ret;

	*why = NULL;
	*caps = (struct vfu_capabilities){
		.max_msg_fds = 1,
		.max_data_xfer_size = 1 << 20,
		.max_dma_maps = 65535,
		.pgsizes = VFU_PAGE_SIZE,
	};
	if (version->major != VFU_VERSION_MAJOR) {
		*why = "major version is not 0";
		return -EOPNOTSUPP;
	}
	len -= sizeof(*version);
	if (!len)
		return 0;
	ret = parse_text(version->text, len, caps, why);
	if (!ret && (!caps->max_data_xfer_size || !(caps->pgsizes & VFU_PAGE_SIZE))) {
		*why = "the client cannot transfer data, or has no pages of 4096 bytes";
		ret = -EINVAL;
	}
	if (!ret)
		*why = NULL;
	return ret;
}

static struct json_object *make_reply(void)
{
	struct json_object *root = json_object_new_object();
	struct json_object *caps = json_object_new_object();

	if (!root || !caps || json_object_object_add(root, "capabilities", caps)) {
		json_object_put(caps);
		json_object_put(root);
		return NULL;
	}
	/* From here on caps belongs to root; a failure leaves the key out. */
	json_object_object_add(caps, "max_msg_fds", json_object_new_int(VFU_MAX_MSG_FDS));
	json_object_object_add(caps, "max_data_xfer_size", json_object_new_int(VFU_MAX_DATA));
	json_object_object_add(caps, "pgsizes", json_object_new_int(VFU_PAGE_SIZE));
	json_object_object_add(caps, "write_multiple", json_object_new_boolean(1));
	return root;
}

long vfu_version_reply(void *payload, size_t room)
{
	struct vfu_version *version = payload;
	struct json_object *root = make_reply();
	size_t len = sizeof(*version);
	const char *text;
	size_t size;

	if (!root)
		return -ENOMEM;
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN);
	if (!text) {
		json_object_put(root);
		return -ENOMEM;
	}
	version->major = VFU_VERSION_MAJOR;
	version->minor = VFU_VERSION_MINOR;
	size = strlen(text) + 1;
	if (len + size <= room) {
		memcpy(version->text, text, size);
		len += size;
	}
	json_object_put(root);
	return len;
}
