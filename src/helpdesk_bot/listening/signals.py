"""What in a sentence speaks for a question that the bot could answer, and what against: English and German."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Signal:
    name: str
    weight: float
    pattern: re.Pattern[str]


def _starts(name: str, weight: float, pattern: str) -> Signal:
    return Signal(name=name, weight=weight, pattern=re.compile(rf"^(?:{pattern})", re.IGNORECASE))


def _holds(name: str, weight: float, pattern: str) -> Signal:
    return Signal(name=name, weight=weight, pattern=re.compile(rf"\b(?:{pattern})", re.IGNORECASE))


_ANYONE = r"(?:any(?:one|body)|some(?:one|body)|jemand(?:en|em)?|irgendwer|irgendjemand|wer)"
_ACTION = (
    r"(?:review|approve|merge|deploy|restart|reboot|look (?:at|into|over)|check|test|join|cover|"
    r"take over|push|pull|ping|"
    r"call|update|fix|rerun|sign|send|forward|reply|respond|handle|pick up|bring|swap)"
)
_HANDLUNG = (
    r"(?:anschauen|ansehen|drüberschauen|reviewen|freigeben|mergen|deployen|neu ?starten|übernehmen|testen|prüfen|"
    r"checken|anrufen|schicken|weiterleiten|mitkommen|mitbringen|tauschen|abholen)"
)

SIGNALS = (
    # What asks
    Signal(name="question mark", weight=0.35, pattern=re.compile(r"\?[\s)!.?]*$")),
    _starts(
        "asks how, where, what",
        0.45,
        r"(?:how|where|when|why|who|whom|what)(?:'s|s|'re)?\s+(?:else\s+)?(?:do|does|did|can|could|"
        r"should|would|will|is|are|was|am|has|have|"
        r"must|may|to|kind|sort|type|time|version|team|many|much|long|often|the|my|our|a|an|if|about)\b",
    ),
    _starts("asks which", 0.45, r"(?:which|what) \w+(?: \w+)? (?:do|does|can|should|is|are|must|may|will|has|have)\b"),
    _starts(
        "fragt wie, wo, was",
        0.45,
        r"(?:wie|wo|wann|warum|wieso|weshalb|wer|wen|wem|was|wohin|woher|womit|wofür|wozu|woran|worauf|"
        r"welche[rsmn]?|an wen|ab wann|bis wann|seit wann|in welche[rsmn]?|für was|mit welche[rsmn]?|"
        r"unter welche[rsmn]?)\s+\S",
    ),
    _starts(
        "asks yes or no",
        0.3,
        r"(?:is|are|was|were|do|does|did|can|could|may|might|should|will|would|has|have|am|must|isn't|"
        r"aren't|doesn't|can't)"
        r"\s+(?:\w+\s+)?(?:i|we|the|there|it|this|that|my|our|a|an|one|any|anyone|anybody|someone|somebody|employees|"
        r"contractors|users|people|guests|new|everyone|\w+)\b",
    ),
    _starts(
        "fragt ja oder nein",
        0.3,
        r"(?:ist|sind|gibt|kann|können|könnte|darf|dürfen|muss|müssen|soll|sollte|hat|haben|habt|braucht|brauche|"
        r"funktioniert|geht|läuft|wird|werden|zählt|gilt|bekomme|kriege|bekommt|steht|lässt)\s+(?:\S+)",
    ),
    _holds(
        "asks whoever knows",
        0.5,
        rf"(?:{_ANYONE}\s+(?:here\s+|hier\s+)?(?:know|knows|knew|got|have|has|had|seen|tell|help|"
        rf"explain|point|weiß|weiss|eine idee|sagen|helfen|"
        r"erklären|verraten|erfahrung)|(?:does|do|can|could|would|has|hat|kennt|weiß|weiss|kann|"
        r"könnte)\s+(?:mir\s+|hier\s+)*"
        rf"{_ANYONE}|any (?:idea|ideas|clue|tips|pointers|advice)|irgendeine idee|(?:do|does) (?:you|"
        rf"any of you) know|"
        r"wei(?:ß|ss)t du|wisst ihr|kennt ihr|(?:can|could) you (?:tell|explain|point|show)|"
        r"(?:kannst du|könnt ihr|könntet ihr) mir (?:sagen|erklären|zeigen))\b",
    ),
    _holds(
        "looks for help",
        0.5,
        r"(?:(?:i|we)(?:'m| am| are|'re)? (?:need|want|could use|would like|'d like) (?:some )?help|"
        r"i(?:'m| am)? (?:just )?(?:trying|struggling) to|"
        r"(?:i|we)(?:'m| am|'re| are) (?:not sure|unsure|wondering|looking for|stuck|confused)|"
        r"(?:i|we) (?:don't|do not|can't|cannot|couldn't|could not) (?:know|find|figure|understand|seem)|"
        r"(?:^looking for|wondering) (?:the|a|an|our|how|if|where|what|whether|why)|"
        r"help (?:me )?(?:with|please)|please help|my \w+ (?:is|was|has been) (?:locked|stolen|"
        r"broken)\b.*\bhelp|"
        r"ich (?:suche|brauche (?:hilfe|mal)|weiß nicht|weiss nicht|finde (?:das |die |den |keine?n? |"
        r"leider )|frage mich|komme nicht)|"
        r"(?:brauche|benötige) (?:dringend |mal |kurz )*(?:hilfe|unterstützung|rat)|bräuchte (?:mal |"
        r"kurz )*(?:hilfe|unterstützung))\b",
    ),
    _holds("for oneself", 0.15, r"(?:i|we|my|our|me|one|ich|man|wir|mein\w*|unser\w*|mir|mich)"),
    _holds(
        "is there",
        0.15,
        r"(?:is there (?:a|an|any|some)|is it (?:possible|allowed|ok)|are there (?:any|some)|"
        r"gibt(?:'s| es)|do we have|haben wir|habt ihr)",
    ),
    _starts("calls for help", 0.5, r"(?:help|hilfe|sos)\b[\s,.!:-]+(?:my|i|we|the|with|me|mein|ich|wir|bei|mit)\b"),
    _holds(
        "how to",
        0.15,
        r"(?:how (?:to|do i|can i|do we|can we)|wie (?:kann|komme|bekomme|mache|richte|setze) (?:ich|man|wir))",
    ),
    Signal(name="says enough", weight=0.1, pattern=re.compile(r"\b(?:\w+\W+){3,}\w+")),
    # What only looks like it
    _starts(
        "is said, not asked",
        -1.0,
        r"(?:and )?(?:really|seriously|right|ok|okay|what|why|huh|eh|so what|guess what|who cares|"
        r"who knew|why not|how come|says who|since when|"
        r"echt|wirklich|ernsthaft|oder|ne|gell|na und|was soll's|wer weiß|wie bitte|hä|was|warum|"
        r"wieso|wie|wo|wann)[\s?!.]*$",
    ),
    _starts(
        "rhetorical",
        -0.8,
        r"(?:how (?:are (?:you|things|we)|was the|'s (?:it|everyone)|cool|great|awesome|nice|hard|"
        r"crazy|cute|on earth|dare|about that|is (?:that|this) (?:even|possible))|"
        r"(?:what a|such a|isn't (?:that|this|it)|ain't|who (?:else )?(?:wants|loves|likes|needs|"
        r"would|doesn't|does|cares|could|can)|"
        r"who(?:'s| is) (?:in|up|coming|joining|going|ready|hungry|with)|"
        r"what could (?:possibly )?go wrong|what's not to|"
        r"why (?:on earth|in the world|oh why|is it always|do (?:i|we) (?:even|always|bother)|am i (?:even|always))|"
        r"are we there|is it (?:friday|just me|weekend)|can you believe|who (?:ever )?thought|"
        r"what's (?:up|new|wrong with)|what (?:gives|else is new)|"
        r"wie (?:geil|cool|schön|geht(?:'s| es)|war(?:'s| es| dein| euer| das)|läuft(?:'s| es))|"
        r"was für|ist (?:das|es) nicht|"
        r"wer (?:kommt|will|hat (?:lust|mein|den|die|das|schon)|geht|mag|ist (?:dabei|noch)|"
        r"braucht schon|hätte)|wer hätte|was soll (?:das|der|ich|man)|"
        r"was (?:geht|ist (?:los|denn))|wie kann man nur|muss das|geht(?:'s| es) noch|wie oft (?:muss|"
        r"soll) ich|was (?:habt|macht|wollt) ihr|welche \w+ (?:wollt|wollen) (?:ihr|wir)))\b",
    ),
    _holds(
        "asks a person for something",
        -0.7,
        r"(?:(?<!how )(?<!wie )(?:can|could|would|will|did|are|were|have|do|don't|is|was|has) (?:you|"
        r"ya|u|y'all)(?! (?:know|tell|explain|point me|show me))|"
        r"(?:hast|kannst|könntest|würdest|bist|willst|magst|kommst|machst|hattest|warst|siehst|gehst|"
        r"schickst) du(?! mir (?:sagen|erklären|zeigen))|"
        r"(?:seid|könnt|könntet|wollt|kommt|geht|mögt|macht) ihr(?! mir (?:sagen|erklären|zeigen))|"
        r"(?:haben|können|könnten|sind|würden) Sie|"
        r"what do you (?:think|say|mean|want)|was (?:meinst|denkst|sagst|machst) du|was (?:meint|denkt|sagt) ihr|"
        r"(?:your|deine?[nmrs]?|eure?[nmrs]?|dir|euch|dich))\b",
    ),
    _holds(
        "asks for an action",
        -1.0,
        rf"{_ANYONE} (?:please |bitte |(?:\w+ ){{0,2}})?{_ACTION}\b(?! (?:how|where|why))|"
        rf"{_ANYONE} .{{0,40}}{_HANDLUNG}",
    ),
    _holds(
        "makes an appointment",
        -0.7,
        r"(?:lunch|coffee|beers?|drinks|dinner|standup|stand-up|sync up|catch up|happy hour|party|"
        r"(?:meet|meeting|call|retro|demo) (?:at|on|today|tomorrow|later|moved|now)|(?:move|"
        r"reschedule|push|skip|postpone|cancel) (?:the |our |this )(?:meeting|call|standup|stand-up|"
        r"sync|retro|demo|review|release|deadline)|"
        r"shall we|should we|let's|can we (?:meet|move|talk|chat|discuss|sync|skip|start|do)|"
        r"works? for (?:everyone|you|all)|any objections|"
        r"(?:everyone|anyone|anybody) (?:seen|see|watch|watched|notice|noticed|read|hear|"
        r"heard) (?!this error|this problem|that error)|any (?:questions|volunteers|takers|thoughts|"
        r"updates|news|progress|feedback)|(?:anyone|anybody|jemand) (?:around|there|online|"
        r"in the office|da|free|up|want|hungry|hier|im büro|lust)|"
        r"mittag(?:essen)?|kaffee|feierabend|bier|treffen wir|wollen wir|sollen wir|passt (?:das|es|"
        r"euch)|machen wir|gehen wir|können wir (?:uns|das|kurz)|"
        r"noch fragen|einwände|freiwillige)\b",
    ),
    _starts(
        "thanks or greets",
        -0.8,
        r"(?:thanks?|thank you|thx|cheers|danke|vielen dank|merci|good (?:night|job)|nice (?:work|"
        r"job)|well done|welcome|congrat\w*|happy|willkommen|glückwunsch|gute nacht|schönes?n?)\b",
    ),
    _holds(
        "tells what was asked",
        -0.6,
        r"(?:(?:i|he|she|they|we) asked|told (?:me|him|her|them)|wanted to know|explained|documented|"
        r"(?<!anyone )(?<!anybody )(?<!someone )(?<!you )(?<!n't )(?<!not )knows? (?:how|where|what|"
        r"who|why)\b|depends|fragte|gefragt|erklärt|beschrieben|weiß (?:jetzt|ja|schon))\b",
    ),
    _holds(
        "offers",
        -0.8,
        r"(?:let me know|feel free|ping me|reach out|happy to help|dm me|in case you|if you (?:have|"
        r"need|want)|for those who|hope (?:this|that) helps|here(?:'s| is| are)|see (?:the|"
        r"our) (?:doc|guide|wiki)|sag(?:t)? (?:mir )?bescheid|meldet euch|falls ihr|wenn ihr|"
        r"gerne melden|hier ist|hier findet)\b",
    ),
    _holds(
        "is solved",
        -0.8,
        r"(?:never ?mind|nvm|got it|solved it|found it|figured (?:it )?out|works now|fixed (?:it|now)|"
        r"hat sich erledigt|geht (?:jetzt|wieder)|gefunden|gelöst)\b",
    ),
)

HEADING = Signal(name="is a heading", weight=-0.7, pattern=re.compile(r"^[^?]*:\s*\S*$|^[^?]{3,60}:\s"))
RELATIVE = re.compile(
    r"^(?:what|where|how|why|when|who|which|wie|was|wo|wer|wann|warum) (?:(?:i|we|you|he|she|they|"
    r"it|this|that|people|most) \w+|"
    r"(?:ich|wir|man|du|ihr|sie|er|das|die|der) )",
    re.IGNORECASE,
)
"""`What I like is ...`, `Wie man das macht, steht im Wiki`: not turned round, so only a question with its mark."""
