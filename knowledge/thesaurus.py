"""Everyday words of a workplace that say the same: who asks for vacation means the annual leave that pages write of.

Documents tell what their own names mean (`acronyms`, `synonyms`); nobody explains that a boss is a manager.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

_SAME = """
log in, sign in, log on, login, logon
wifi, wi-fi, wireless
laptop, computer, notebook, pc < machine
manager, supervisor, line manager < boss
annual leave, vacation, holiday, pto, paid time off < time off, days off
salary, pay, wage, paycheck
terminate, dismiss, termination, dismissal < fired, sacked, laid off
resign, quit, offboarding, resignation
child, kid < baby, newborn, son, daughter
parental leave, paternity leave, maternity leave
birth < born
sick, ill
colleague, coworker, co-worker
phone, mobile, smartphone, cell phone
badge, id card, access card, key card
monitor, screen, display
help desk, service desk, it support
training, course, class
reimburse, expense, reimbursement
buy, purchase
car, vehicle
remote work, telework, work from home, home office < wfh, working from home
counselor, counsellor, counseling, counselling < therapist, shrink
bereavement, funeral < died, passed away
doctor, physician
family member, relative < mom, mum, mother, dad, father, wife, husband, brother, sister, grandmother, grandfather
meeting room, conference room
bathroom, restroom, toilet
elevator, lift
bicycle, bike
transit, public transport < metro, subway
canteen, cafeteria
new hire, new employee, new starter, new joiner
personal, private < my own
application, app
repository, repo
documentation, docs
remove, delete < erase
broken, defective, faulty, damaged
invoice, bill
travel, trip
hotel, lodging, accommodation
policy < rules
mandatory, required, compulsory
verification < proof
price, cost
pay out, paid out, cash out
abroad, overseas, international
teen, teenager, minor
stolen, theft
increase, raise
production, prod
kubernetes, k8s
database, db
environment, env
configuration, config
developer, dev
reserve < book
booking, reservation
gym, fitness center, fitness centre, fitness room
motorcycle, motorbike
two-factor authentication, 2fa, multi-factor authentication, mfa
payslip, pay slip, pay stub, paystub
electric vehicle, ev
air conditioning, climate control < aircon, ac
guest, visitor
outage, unavailable < is down, are down, went down
missing < gone, disappeared, vanished
forgot, forgotten, forget < can't remember, cant remember, cannot remember, don't remember, dont remember
maximum, max
minimum, min
"""
"""A line is what is said and written for one thing; what stands behind `<` is said for it only, and may mean more."""


def other_words(question: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a question says, as it says it, with what else may be written for it, in order; the longest names first."""
    said = " ".join(question.casefold().replace("\u2019", "'").split())
    found: list[tuple[str, tuple[str, ...]]] = []
    for match in _any_name().finditer(said):
        name = match[0] if match[0] in _others() else match[0].removesuffix("s")
        found.append((match[0], _others()[name]))
    return list(dict.fromkeys(found))


@cache
def _others() -> dict[str, tuple[str, ...]]:
    others: dict[str, tuple[str, ...]] = {}
    for written, said in _lines():
        others |= {name: tuple(one for one in written if one != name) for name in (*written, *said)}
    return others


@cache
def _any_name() -> re.Pattern[str]:
    names = sorted(_others(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})s?(?![\w-])")


def _lines() -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    for line in _SAME.strip().splitlines():
        written, _, said = line.partition("<")
        yield _names(written), _names(said)


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
