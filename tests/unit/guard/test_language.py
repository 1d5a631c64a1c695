import pytest

from helpdesk_bot.evals.starter import read_cases
from helpdesk_bot.guard.language import NAMES, find_language

SAID = {
    "en": "How do I connect to the VPN?",
    "de": "Wie richte ich das VPN ein?",
    "fr": "Combien de jours de congé ont les stagiaires ?",
    "es": "¿Cómo cambio la contraseña de mi cuenta?",
    "it": "Come posso cambiare la password del mio account?",
    "pt": "Como faço para entrar na VPN com o meu telemóvel?",
    "nl": "Hoe stel ik de VPN in op mijn laptop?",
    "pl": "Jak mogę zmienić hasło do poczty i gdzie to jest?",
    "sv": "Hur kan jag byta lösenord på min dator?",
}


@pytest.mark.parametrize(("code", "text"), SAID.items(), ids=SAID.keys())
def test_a_question_tells_its_language(code: str, text: str):
    assert find_language(text) == code


def test_every_language_has_a_name_and_a_question_here():
    assert SAID.keys() == NAMES.keys()


@pytest.mark.parametrize(
    "text", ["", "wifi", "drucker kaputt", "E-420", "VPN in Leeds", "パスワードを変更したい", "1 2 3"]
)
def test_where_too_little_tells_it_nothing_is_claimed(text: str):
    assert find_language(text) is None


def test_no_english_question_of_the_starter_evaluation_is_taken_for_another_language():
    assert {find_language(case.question) for case in read_cases()} <= {"en", None}


@pytest.mark.parametrize(
    "text", ["do contractors get a laptop", "do we get monday off as a holiday", "a new mouse on me"]
)
def test_an_english_question_of_words_that_other_languages_have_too_is_not_taken_for_one_of_them(text: str):
    assert find_language(text) in {"en", None}
