"""The words that tell a requirement's priority, specialty, kind, effort, risks and gaps, as tables."""

from __future__ import annotations

from bot.domain.outputs import Priority
from bot.executors.wording import phrases

LEVELS: tuple[tuple[Priority, tuple[str, ...]], ...] = (
    (
        Priority.URGENT,
        phrases(
            """
            urgent, urgently, asap, immediately, blocker, as soon as possible
            """
        ),
    ),
    (
        Priority.LOW,
        phrases(
            """
            could, nice to have, would be nice, would be great, optional, optionally, maybe,
            eventually, some day, someday, low priority, v2, stretch, stretch goals, if possible,
            perhaps, ideally, nice-to-have
            """
        ),
    ),
    (
        Priority.HIGH,
        phrases(
            """
            must, critical, required, essential, has to, have to, mandatory, mvp, high priority,
            crucial, shall
            """
        ),
    ),
    (
        Priority.NORMAL,
        phrases(
            """
            should, normal priority, v1
            """
        ),
    ),
)
"""The first level with a word in the text is its priority; without any it is normal."""

LATER_HEADINGS = frozenset(
    phrases(
        """
        later, future, future work, ideas, next, after the mvp, phase 2, wishlist, wish list
        """
    )
)
"""Headings whose items are of low priority, though inside a sentence the words would not say so."""
SPECIALTIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "deployment",
        phrases(
            """
            deploy, deploys, deployed, deployable, deployment, hosting, hosted, docker, dockerfile,
            container, containers, kubernetes, helm, terraform, github pages, netlify, vercel,
            release pipeline, continuous delivery
            """
        ),
    ),
    (
        "performance",
        phrases(
            """
            performance, latency, throughput, load time, load times, milliseconds, ms, benchmark,
            benchmarks, concurrent users, fast, faster, optimise, optimize, scalable, memory usage,
            requests per second, under a second, under one second
            """
        ),
    ),
    (
        "tests",
        phrases(
            """
            tests, testing, test coverage, test suite, unit test, integration test, end-to-end test,
            e2e, tested
            """
        ),
    ),
    (
        "review",
        phrases(
            """
            security review, code review, accessibility audit, security audit, audited, audit
            """
        ),
    ),
)
"""The first specialty with a word in the text; everything else is ``feature``."""

SURFACE = frozenset(
    phrases(
        """
        page, webpage, website, site, screen, view, dashboard, app, application, ui, frontend,
        interface, api, server, service, command, cli, program, tool, game, library, package, pipeline,
        backend
        """
    )
)
STYLING = frozenset(
    phrases(
        """
        styling, style, styles, css, theme, themes, layout, colours, colors, fonts, look, design
        """
    )
)
CONTROL = frozenset(
    phrases(
        """
        button, buttons, counter, menu, link, links, click, clicks, form, field, input, list, table,
        filter, filters, icon, banner, image, images, search, login, logout, chart, charts, endpoint,
        endpoints, option, options, flag, flags, message
        """
    )
)
HEAVY = phrases(
    """
    authentication, authorisation, authorization, login, oauth, payment, payments, real-time,
    realtime, offline, sync, synchronise, synchronize, migration, integrate, integration, encrypt,
    encryption, search engine, machine learning, import, notifications
    """
)
"""Words that make a piece of work longer than it sounds."""
RISKS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        phrases(
            """
            password, passwords, login, authentication, oauth, token, tokens
            """
        ),
        "Sign-in or secrets are involved: have the design reviewed before it is built.",
    ),
    (
        phrases(
            """
            payment, payments, credit card, invoice, invoices, billing, stripe
            """
        ),
        "Money is involved: agree on the payment provider, refunds and bookkeeping first.",
    ),
    (
        phrases(
            """
            personal data, email addresses, health, medical, patients, gdpr, customers, location
            """
        ),
        "Personal data may be involved: clarify what may be stored, where and for how long.",
    ),
)

QUESTIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        phrases(
            """
            user, users, visitor, visitors, people, customer, customers, admin, team, me, i,
            developers, students, everyone, person
            """
        ),
        "Who uses it, and what do they do today without it?",
    ),
    (
        phrases(
            """
            must, should, measure, success, acceptance, criteria, at least, at most, within
            """
        ),
        "How will anybody tell that it is finished and good: which behaviour, which numbers?",
    ),
    (
        phrases(
            """
            deploy, deployable, deployed, deployment, host, hosting, hosted, pypi, publish, docker,
            server, static site
            """
        ),
        "Where should it run, and who looks after it there?",
    ),
    (
        phrases(
            """
            data, store, stored, save, saved, database, file, files, persist, static, memory
            """
        ),
        "Which data does it keep, where, and what may be lost?",
    ),
)
"""What an idea usually has to say: (words of which one answers it, the question if none is there)."""
