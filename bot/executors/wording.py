"""The words by which sentences are read, as tables, and the looking up of words in a text.

English only: other languages still become issues, with the defaults for everything that is read
from words (see ``signals`` too). Phrases are lower case and match whole words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def phrases(table: str) -> tuple[str, ...]:
    """The entries of a table: separated by commas, over as many lines as it takes."""
    return tuple(" ".join(entry.split()) for entry in table.split(","))


_GREETINGS = phrases(
    """
    please, kindly, hi, hello, hey, hi there, dear team, thanks, also, thank you, in addition,
    additionally, furthermore, finally, then, it would be nice if, it would be great if, ideally,
    optionally, maybe
    """
)
_BEFORE_A_THING = phrases(
    """
    i would like, i'd like, i want, i need, we would like, we'd like, we want, we need, i would like
    to have, we would like to have, i want to have, we want to have, give me, there should be, there
    must be, there needs to be, it needs, it has, it includes, it should have, it must have, it
    would be nice to have, nice to have
    """
)
_BEFORE_AN_ACTION = phrases(
    """
    i would like to, i'd like to, i want to, i need to, we would like to, we'd like to, we want to,
    we need to, i would like you to, i want you to, i need you to, we want you to, can you, could
    you, would you, will you, let us, let's, it should, it must, it shall, it could, it can, it
    needs to, it has to, it will, it would be nice to
    """
)
OPENINGS: dict[str, str] = {
    **dict.fromkeys(_GREETINGS, ""),
    **dict.fromkeys(_BEFORE_A_THING, "thing"),
    **dict.fromkeys(_BEFORE_AN_ACTION, "action"),
}
"""What a person says before the thing itself → what has to follow: a thing, an action, or anything."""

PLEASANTRIES = frozenset(
    phrases(
        """
        thanks, thank you, thank you very much, thanks a lot, many thanks, thanks in advance, thank you
        in advance, please, cheers, hello, hi, hey, hi there, hello there, hi team, hello team, dear
        team, hi all, hello all, regards, best regards, kind regards, best, good morning, good luck,
        have fun, no response, none, n a, tbd
        """
    )
)
"""Whole sentences that ask for nothing."""
BACKGROUND = phrases(
    """
    we currently, currently, at the moment, right now, today we, at present, i am, i'm, we are,
    we're, i have been, we have been, i hope, for context, some context, background, because, note
    that, my name, this is because, the reason, the background, until now
    """
)
"""How sentences begin that explain instead of asking."""
EXCLUDED = phrases(
    """
    non-goal, non-goals, non goals, nongoals, out of scope, not in scope, not included, won't have,
    will not have, wont have, exclusions, excluded, not needed, not required, anti-goals, what it is
    not
    """
)
"""Headings, and beginnings of paragraphs, under which things stand that nobody wants."""
SCOPE_ENDINGS = phrases("out of scope, not in scope, not needed, not required, not included, no goal")
"""How sentences end that say what nobody wants."""
BACKGROUND_HEADINGS = phrases(
    """
    background, context, introduction, motivation, about, about us, the problem
    """
)
QUESTION_HEADINGS = phrases(
    """
    open questions, questions, unclear, to be decided, to be clarified
    """
)
SUBORDINATE = frozenset(
    phrases(
        """
        when, if, while, after, before, once, as, because, although, since, unless, until, whenever
        """
    )
)
"""A sentence that starts so is one condition, not an enumeration."""
CONTINUING = frozenset(
    phrases(
        """
        which, who, whose, where, so, but, because, not, e.g., i.e., such, including, even, then,
        though, except, without, each, all, both, that, when, if, while, unless, until, than, like,
        rather, at, least
        """
    )
)
"""A part after a comma that starts so belongs to the part before it."""
LEADS = tuple(
    f" {lead} "
    for lead in phrases(
        "with, has, have, having, needs, need, includes, including, supports, offers, such as"
    )
)
"""What stands between a thing and the list of what it consists of."""
HOLLOW = frozenset(
    phrases(
        """
        it, this, they, the app, the application, the page, the site, the program, the tool, the system,
        features, feature, requirements, scope, goals, goal, it should, it must, functions,
        functionality, things, the following, app
        """
    )
)
"""Subjects before a list that are no requirement of their own."""
IMPERATIVES = frozenset(
    phrases(
        """
        accept, add, adjust, alert, allow, analyse, analyze, animate, archive, assign, attach, audit,
        authenticate, automate, backup, build, cache, calculate, change, check, choose, clean, clear,
        collect, compare, compress, compute, configure, connect, convert, copy, count, create, cut,
        define, delete, deliver, deploy, describe, design, detect, develop, disable, display, document,
        download, draw, edit, enable, encrypt, ensure, execute, expire, explain, export, expose, fetch,
        filter, find, fix, flag, format, forward, generate, get, give, group, guard, handle, have, hide,
        highlight, host, implement, import, improve, include, index, inform, insert, install, integrate,
        introduce, invite, join, keep, label, let, limit, link, list, load, localise, localize, lock,
        log, make, manage, mark, measure, merge, migrate, minimise, minimize, monitor, move, notify,
        offer, open, optimise, optimize, order, organise, organize, parse, pause, persist, pick, play,
        post, prepare, present, prevent, preview, print, process, produce, protect, prove, provide,
        publish, query, rank, read, receive, record, redirect, reduce, refactor, refresh, register,
        reject, remember, remind, remove, rename, render, repeat, replace, report, reset, resize,
        respond, restore, retry, return, review, rotate, run, save, scale, scan, schedule, scrape,
        search, secure, select, send, separate, serve, set, share, ship, show, sign, simplify, sort,
        split, start, stop, store, stream, style, submit, suggest, summarise, summarize, support,
        switch, synchronise, synchronize, tag, take, tell, test, throttle, track, transform, translate,
        trigger, undo, unify, update, upgrade, upload, use, validate, verify, visualise, visualize,
        warn, watch, wire, wrap, write
        """
    )
)
FINITE = frozenset(
    phrases(
        """
        is, are, was, has, does, shows, works, appears, contains, needs
        """
    )
)
"""Verbs that are no nouns as well."""
VERBS = FINITE.union(
    ("goes", "turns", "becomes"),
    (f"{verb}{'es' if verb.endswith(('s', 'sh', 'ch', 'x')) else 's'}" for verb in IMPERATIVES),
)
"""Finite verbs in the third person, as far as the imperatives tell them."""
DETERMINERS = frozenset(
    phrases(
        """
        the, it, this, that, these, those, each, every, all, any, no
        """
    )
)

MODALS = phrases(
    """
    should be able to, must be able to, needs to be able to, can, could, may
    """
)
OBLIGATIONS = phrases(
    """
    must, should, shall, has to, have to, needs to, need to, ought to, will
    """
)
FUNCTION_WORDS = frozenset(
    phrases(
        """
        a, an, the, of, to, that, with, for, and, in, on, by, from, as, is, are, it, can, no, not, one,
        per, each, every, all, when, if, or, at, must, should, show, user, users
        """
    )
)
"""Without one of these a longer text is not taken for English."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The text's words in lower case, without punctuation; hyphens and apostrophes inside stay."""
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


def mentions(text_words: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether one of the phrases occurs in these words, as whole words."""
    haystack = f" {' '.join(text_words)} "
    return any(f" {phrase} " in haystack for phrase in wanted)
