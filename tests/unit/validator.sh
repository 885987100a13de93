# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A validator of JSON Schema that is not ours: sourced by the tests of documents.

python=
for candidate in python3 /usr/bin/python3; do
	"$candidate" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null || continue
	python=$candidate
	break
done
if [ -z "$python" ]; then
	echo 'skipped: no validator of JSON Schema: install python3-jsonschema'
	exit 77
fi

validate()
{
	"$python" "${srcdir:-.}/tests/unit/validate_json.py" "$@"
}
