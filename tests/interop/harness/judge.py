"""What an answer is worth. Every judge gives `None` when all is well, and otherwise the reason."""

import json


class NotReached(Exception):
    """What the case builds on was not made: that failure is a case of its own."""


def same(expected, found):
    """Equal values; an answer may give a date as plain text, and a peer that reads JSON gives integers as floats."""
    if isinstance(expected, dict) and set(expected) in ({"date"}, {"tdate"}) and isinstance(found, str):
        return next(iter(expected.values())) == found
    if isinstance(expected, dict):
        return isinstance(found, dict) and set(expected) == set(found) and all(same(expected[k], found[k]) for k in expected)
    if isinstance(expected, list):
        return isinstance(found, list) and len(expected) == len(found) and all(map(same, expected, found))
    return expected == found and isinstance(expected, bool) == isinstance(found, bool)


def differences(expected, found):
    wrong = []
    for namespace in {*expected, *found}:
        left, right = expected.get(namespace, {}), found.get(namespace, {})
        for name in sorted({*left, *right}):
            if name not in right:
                wrong.append(f"{name} is missing")
            elif name not in left:
                wrong.append(f"{name} was not asked for")
            elif not same(left[name], right[name]):
                wrong.append(f"{name} is {json.dumps(right[name], ensure_ascii=False)[:80]}")
    return ", ".join(wrong)


def outcome(answer):
    return f"exit {answer.get('exit')}: {answer.get('error', 'no error text')}"


def accepted(answer, doc_type, elements, device_auth):
    return all_accepted(answer, {doc_type: elements}, device_auth)


def all_accepted(answer, expected, device_auth):
    """`expected`: the elements of each docType."""
    if answer.get("exit") != 0 or answer.get("accepted") is not True:
        return f"refused, {outcome(answer)}"
    documents = answer.get("documents", [])
    types = [document.get("doc_type") for document in documents]
    if sorted(types) != sorted(expected):
        return f"documents {types}"
    wrong = []
    for document in documents:
        if document.get("device_auth") != device_auth:
            wrong.append(f"device_auth {document.get('device_auth')}")
        wrong.append(differences(expected[document["doc_type"]], document.get("elements", {})))
    return ", ".join(filter(None, wrong)) or None


def refused(answer):
    """Exit status 1 and nothing shown: neither accepted nor fallen over."""
    if answer.get("exit") == 0:
        return "accepted"
    if answer.get("exit") != 1:
        return f"not refused but {outcome(answer)}"
    return "refused, yet with documents" if answer.get("documents") else None


def unless(good, reason):
    """An alteration proves nothing about what is not accepted unaltered."""
    try:
        if good() is None:
            return
    except NotReached:
        pass
    raise NotReached(reason)
