# SPDX-License-Identifier: GPL-2.0-only
"""Read a JUnit report as a CI system does, compare it with a verdict: VERDICT REPORT.

Exit status: 0 they agree, 1 they do not, 77 there is nothing to read it with.
"""

import sys
import xml.etree.ElementTree

try:
    import junitparser
except ImportError:
    sys.exit(77)


def main(verdict, name):
    suites = list(junitparser.JUnitXml.fromfile(name))
    assert len(suites) == 1, f"{len(suites)} test suites"
    suite = suites[0]
    results = {"Failure": 0, "Error": 0, "Skipped": 0}
    cases = list(suite)
    for case in cases:
        assert case.name and case.classname.startswith("wq-demo.")
        for result in case.result:
            results[type(result).__name__] += 1
            assert result.message, f"{case.name}: no message"
    stated = suite.tests, suite.failures, suite.errors, suite.skipped
    assert stated == (len(cases), *results.values()), f"{stated}, but {results}"
    assert suite.time > 0
    found = "broken" if suite.failures else "incomplete" if suite.errors else "held"
    assert found == verdict, f"cases say {found}, the verdict is {verdict}"
    assert found != "held" or not suite.skipped, "held, but some cases were skipped"
    properties = {each.name: each.value for each in suite.properties()}
    assert properties["verdict"] == verdict
    output = xml.etree.ElementTree.parse(name).find("testsuite/system-out").text
    assert f"verdict: {verdict}: " in output


try:
    main(*sys.argv[1:])
except Exception as error:  # pylint: disable=broad-except
    sys.exit(f"{sys.argv[2]}: {type(error).__name__}: {error}")
