"""What sounds like a question that the bot could answer, and what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.listening import judge, says_enough, says_stop

QUESTIONS = """
How do I connect to the VPN from home?
how do i reset my password
Where can I find the travel expense form?
where do we file sick leave
Is there a way to print double-sided from a Mac?
Does anyone know how to get a Jira licence?
anyone know why Outlook keeps asking for my password
Hi all, quick question: who do I contact about a broken badge?
What is the Wi-Fi password for guests?
what's the limit for hotel bookings in Berlin?
Which VPN client should I use on Linux?
Can I install Slack on my private phone?
Do I need approval to order a second monitor?
Has anybody here set up the scanner on the third floor?
I need help with my VPN, it drops every five minutes
I'm trying to connect the printer and it says "offline", any ideas?
Not sure how to request access to Confluence. Can anyone point me in the right direction?
Hello team! We have a new contractor starting Monday. How do we get her a laptop?
My laptop doesn't see the docking station. Is there a fix?
I can't find the onboarding checklist. Where is it?
Can someone tell me how long backups are kept?
how long does it take to get a new badge?
When does the cafeteria close on Fridays?
Who is responsible for the SAP licences?
is it possible to extend the VPN session
Am I allowed to take my laptop abroad?
Are contractors allowed to use the gym?
how to change the voicemail greeting?
Should I use Teams or Zoom for external calls?
I'm wondering whether we have a discount for public transport
could you tell me where the security policy is?
What do I do if my phone was stolen?
how do you add a shared mailbox in Outlook?
Any idea how I can recover a deleted Excel file?
Do we have a template for meeting minutes?
We're stuck: the build agent has no disk space left. What should we do?
Please help, my account is locked
What happens to my mailbox when I leave the company?
How many days of leave do I get per year?
may I expense a taxi to the airport?
Wie richte ich die VPN-Verbindung auf dem Mac ein?
Wo finde ich das Formular für Reisekosten?
Weiß jemand, wie man den Drucker im dritten Stock einrichtet?
Gibt es eine Anleitung für die Zeiterfassung?
Kann ich meinen privaten Monitor mitbringen?
Hallo zusammen, an wen wende ich mich wegen eines kaputten Ausweises?
Muss ich Urlaub immer im Portal beantragen?
Was mache ich, wenn mein Handy gestohlen wurde?
Hat jemand eine Idee, warum Outlook ständig nach dem Passwort fragt?
Ich brauche Hilfe mit meinem VPN
Wie lange werden Backups aufbewahrt?
Ich finde das Onboarding-Dokument nicht, wo liegt das?
Welche Software brauche ich für Visio?
Darf man den Laptop mit ins Ausland nehmen?
wie bekomme ich eine Jira-Lizenz
Wer ist für die SAP-Lizenzen zuständig?
Habt ihr eine Vorlage für Protokolle?
Bis wann muss die Reisekostenabrechnung eingereicht werden?
Kann mir jemand sagen, wo die Sicherheitsrichtlinie steht?
Funktioniert der WLAN-Zugang auch für Gäste?
Moin! Kurze Frage: wie setze ich mein Passwort zurück?
Warum kann ich mich nicht im Portal anmelden?
Where's the printer driver for the 2nd floor?
Could anyone explain how the on-call rota works?
what are the office hours of the IT desk?
Is the VPN required for SAP?
can we get a bigger mailbox quota?
Anyone else having trouble with Zoom? How do I reinstall it?
we don't know where to report phishing
Do contractors get MFA tokens?
why am I not able to sync OneDrive
How come my calendar shows the wrong time zone?
Hey folks — is there documentation on the release process?
I got a new phone, how do I move the authenticator app?
Looking for the brand guidelines, where do they live?
What browser do we support?
Which form do I need for parental leave?
Will my laptop be replaced after three years?
Wie melde ich mich krank?
Wo kann man Firmenräder leasen?
Wer kann mir Zugriff auf SharePoint geben?
Was kostet das Jobticket?
Ist das VPN auch am Wochenende verfügbar?
Sind Haustiere im Büro erlaubt?
weiss jemand wo das Ladekabel hingehört
Ich suche die Vorlage für Angebote, wo liegt die?
Brauche ich für Linux eine Genehmigung?
Wie viele Urlaubstage habe ich?
Kann mir wer helfen, Outlook startet nicht?
Ab wann gilt die neue Reiserichtlinie?
""".strip().splitlines()

OTHERS = """
Good morning everyone!
hi
Hello team, happy Friday!
Thanks, that worked!
thank you so much :pray:
The VPN is down again.
I updated the wiki page on VPN access.
Deploy is done.
We moved the standup to 10:00.
How cool is that?
Really?
Why not?
what?
who cares?
Guess what?
right?
Isn't that great?
What a day!
Who else loves Fridays?
Who's up for lunch?
anyone up for coffee?
Anyone around?
Can we move the meeting to 3?
Shall we meet at 4?
Does 3pm work for everyone?
Can you review my PR?
could someone approve my pull request?
Can somebody restart the staging server?
@bob did you see the game last night?
Have you tried turning it off and on again?
Did you restart it?
are you coming to standup?
How was your weekend?
How are you?
what do you think?
What's up?
Let me know if you have any questions.
Feel free to ask if anything is unclear!
Any questions?
If you need help with your laptop, ping me.
She asked "how do I reset my password?" and I sent her the link.
> How do I connect to the VPN?
How to reset your password: open the portal and follow the steps.
What we did today: fixed the login and cleaned up the queue.
What I like about this tool is its speed.
Where we are: two of five done.
I know how to do that.
I asked IT how the VPN works and they explained it.
Nevermind, figured out how to do it.
How do I reset my password? Never mind, found it.
Never mind, I got it working
FYI the office is closed on Monday.
lol
+1
:tada: :tada:
https://wiki.example.com/how-do-i-reset-my-password?
Here's how to connect to the VPN, in case anybody asks.
Why is it always DNS?
What could possibly go wrong?
Is it Friday yet?
Are we there yet?
It depends on which team you are in.
I will be out of office tomorrow, Ana covers for me.
Can you believe it?
Congrats on the launch!
When I click it, it opens the right page now.
Which is why we chose Postgres.
How on earth did that pass the tests?
ok, so what?
Guten Morgen zusammen!
Danke, hat geklappt!
Der Drucker ist wieder kaputt.
Wer kommt mit zum Mittagessen?
Wollen wir uns um 15 Uhr treffen?
Kannst du dir meinen PR anschauen?
Kann jemand meinen PR reviewen?
Hast du das Spiel gesehen?
Wie geht's?
Wie war dein Wochenende?
Was meint ihr?
Was ist denn hier los?
Echt?
Wirklich?
Passt das für alle?
Noch Fragen?
Wie cool ist das denn?
Hat sich erledigt, danke.
Wie man das macht, steht im Wiki.
Was ich damit meine, ist etwas anderes.
Meldet euch, wenn ihr Hilfe braucht.
Ich habe gefragt, wie das geht, und es wurde mir erklärt.
Bin heute im Homeoffice.
Seid ihr schon im Büro?
Die Anleitung, wie man sich anmeldet, liegt im Portal.
Schönes Wochenende!
Kommst du mit zum Kaffee?
I'm heading out, see you tomorrow
Great work on the demo yesterday!
The new coffee machine is amazing
Can you send me the slides?
who broke the build?
Are you free at 2?
Why do I even bother
yes please
sounds good to me, shall we go ahead?
Reminder: timesheets are due on Friday
Has everyone seen the announcement from HR?
did anyone watch the keynote?
New version is out: what changed and why
Not sure I agree with that
I need to leave early today
We need more people on this
I'm trying out the new office chair
Bin gleich wieder da
Könntest du bitte mal drüberschauen?
Wer hat mein Ladegerät geklaut?
Ich komme heute später
Das war eine gute Frage
Was für ein Tag!
Wer hat Lust auf Pizza?
Gibt's doch nicht!
Haben Sie noch Fragen?
Welche Pizza wollt ihr?
Ist mir egal
Muss los, bis morgen
""".strip().splitlines()

LOG = """2026-11-22 10:14:01 ERROR worker failed
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    raise ValueError("what is this?")
ValueError: what is this?
"""


@pytest.mark.parametrize("text", QUESTIONS)
def test_it_is_a_question(text: str) -> None:
    assert judge(text).is_question, judge(text).reason


@pytest.mark.parametrize("text", OTHERS)
def test_it_is_no_question(text: str) -> None:
    assert not judge(text).is_question, judge(text).reason


@pytest.mark.parametrize(
    "text",
    [
        LOG,
        f"```{LOG}```",
        "the log says:\n" + LOG * 30,
        "`how do I reset my password?`",
        "https://example.com/?q=how-do-i-reset-my-password",
        "",
        "?" * 3,
        "\ud83d half a pair",
        "x" * 40_000,
    ],
)
def test_code_logs_links_and_noise_ask_nothing(text: str) -> None:
    assert not judge(text).is_question, judge(text).reason


def test_what_is_asked_beside_a_log_is_heard() -> None:
    assert judge(f"My worker dies, how do I fix this?\n{LOG * 20}").is_question


def test_the_reason_names_signals_and_no_word_of_the_message() -> None:
    reason = judge("How do I enable the flux capacitor?").reason
    assert "question mark" in reason
    assert "capacitor" not in reason


@pytest.mark.parametrize(
    "text", ["stop", "Stop it please", "be quiet", "please stop answering", "halt dich raus", "Ruhe!"]
)
def test_it_is_told_to_stop(text: str) -> None:
    assert says_stop(text)


@pytest.mark.parametrize("text", ["stop the server", "how do I stop a build?", "it stops at 10 %", "quiet hours?"])
def test_it_is_not_told_to_stop(text: str) -> None:
    assert not says_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thanks, got it!",
        "ok",
        "alles klar, danke",
        "that worked, thank you so much",
        ":+1:",
        "nvm, solved",
        "👍",
    ],
)
def test_that_was_enough(text: str) -> None:
    assert says_enough(text)


@pytest.mark.parametrize(
    "text", ["thanks, and on a Mac?", "ok but it fails with error 691", "and on Windows?", "done, what next"]
)
def test_that_was_not_enough(text: str) -> None:
    assert not says_enough(text)


@pytest.mark.parametrize("words", ["works now", "that helps", "fixed it works", "thank you", "stop now", "ok, ok"])
def test_the_same_words_again_and_again_are_judged_at_once(words: str) -> None:
    text = f"{words} " * 20 + "x"
    began = time.monotonic()
    assert not says_enough(text)
    assert not says_stop(text)
    assert time.monotonic() - began < 1


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_judged(text: str) -> None:
    assert 0 <= judge(text).score <= 1
    says_stop(text)
    says_enough(text)
