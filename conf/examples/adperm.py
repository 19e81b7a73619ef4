"""Ask the permission policy of this server, from Python; see libadperm(3).

Copy this file beside your program. It needs libadperm.so.0 and nothing else.

    import adperm

    with adperm.Policy() as policy:
        answer = policy.ask("server.firewall_rules", login="alice", address="192.0.2.7")
        if answer.verdict == "allow":
            ...

A Policy may be kept, and asked by several threads: it follows what is installed. Everything but
"allow" is a no; "allow_2fa" is a yes once you have seen the person's second factor.
"""

import ctypes as c
import time
from collections import namedtuple

Answer = namedtuple("Answer", "verdict reason profile permission source grace generation why")
Held = namedtuple("Held", "account answer")
Contact = namedtuple("Contact", "profile source owner suspended")

_WHO = {"profile": 1, "login": 2, "fingerprint": 4}


class Error(Exception):
    """Why there is no answer: its word, and a sentence."""


class _Options(c.Structure):
    _fields_ = [(name, c.c_char_p) for name in ("db", "switch_conf", "people", "server", "sources")]


class _Question(c.Structure):
    _fields_ = [("who", c.c_int), ("name", c.c_char_p), ("key", c.c_void_p), ("key_len", c.c_size_t),
                ("permission", c.c_char_p), ("server", c.c_char_p), ("account", c.c_char_p),
                ("address", c.c_char_p), ("time", c.c_int64)]


class _Answer(c.Structure):
    _fields_ = [("verdict", c.c_int), ("reason", c.c_int), ("profile", c.c_char * 255),
                ("permission", c.c_char * 32), ("source", c.c_char * 288), ("grace", c.c_uint32),
                ("generation", c.c_uint64), ("terms", c.c_ubyte * 32)]


class _Held(c.Structure):
    _fields_ = [("account", c.c_char * 33), ("answer", _Answer)]


class _Contact(c.Structure):
    _fields_ = [("profile", c.c_char * 255), ("source", c.c_char * 288), ("owner", c.c_int),
                ("suspended", c.c_int)]


def _bytes(text):
    if text is not None and "\0" in text:
        raise ValueError("a text has a NUL in it")
    return None if text is None else text.encode()


class Policy:
    """The policy of this server. Options: db, switch_conf, people, server, sources."""

    def __init__(self, library="libadperm.so.0", **options):
        self._c = c.CDLL(library)
        for name in ("verdict_word", "reason_word", "reason_text"):
            getattr(self._c, "adperm_" + name).restype = c.c_char_p
        self._policy = c.c_void_p()
        given = _Options(**{name: _bytes(value) for name, value in options.items()})
        self._check(self._c.adperm_open(c.byref(given), c.byref(self._policy)))

    def close(self):
        policy, self._policy = self._policy, c.c_void_p()
        self._c.adperm_close(policy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, permission, **question):
        """The answer about one of profile=, login=, fingerprint=; see _question() for the rest."""
        answer = _Answer()
        self._c.adperm_ask(self._open(), self._question(permission, **question), c.byref(answer))
        return self._answer(answer)

    def holdings(self, **question):
        """All that a person was given here: a list of Held."""
        return [Held(held.account.decode(), self._answer(held.answer))
                for held in self._list("adperm_holdings", _Held, self._question(None, **question))]

    def contacts(self, permission="server.technical_contact", **question):
        """Whom to tell: a list of Contact, the owner first."""
        return [Contact(told.profile.decode(), told.source.decode(), bool(told.owner), bool(told.suspended))
                for told in self._list("adperm_contacts", _Contact, self._question(permission, **question))]

    def _question(self, permission, account=None, server=None, address=None, at=None, **person):
        question = _Question(permission=_bytes(permission), server=_bytes(server), account=_bytes(account),
                             address=_bytes(address), time=int(time.time() if at is None else at))
        if len(person) > 1:
            raise ValueError("a question is about one person")
        for kind, name in person.items():
            question.who, question.name = _WHO[kind], _bytes(name)
        return c.byref(question)

    def _open(self):
        if not self._policy:
            raise ValueError("the policy is closed")
        return self._policy

    def _list(self, function, kind, question):
        array, count = c.POINTER(kind)(), c.c_size_t()
        self._check(getattr(self._c, function)(self._open(), question, c.byref(array), c.byref(count)))
        try:
            return [kind.from_buffer_copy(array[i]) for i in range(count.value)]
        finally:
            self._c.adperm_free(array)

    def _answer(self, a):
        why = c.create_string_buffer(512)
        self._c.adperm_why(c.byref(a), why, c.c_size_t(len(why)))
        return Answer(self._c.adperm_verdict_word(a.verdict).decode(), self._c.adperm_reason_word(a.reason).decode(),
                      a.profile.decode(), a.permission.decode(), a.source.decode(), a.grace, a.generation,
                      why.value.decode())

    def _check(self, reason):
        if reason != 0:
            raise Error(self._c.adperm_reason_word(reason).decode(), self._c.adperm_reason_text(reason).decode())
