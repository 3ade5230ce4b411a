"""Sentences that the grammar puts together: plain data. In braces: point, Point, topic, name, role."""

from __future__ import annotations

POINTS = (
    "starting early",
    "asking around first",
    "writing everything down",
    "waiting a few months",
    "reading the small print",
    "doing it by the book",
    "keeping it simple",
    "setting a limit beforehand",
)
"""What people bring up where a scenario names no points for a topic."""

TITLES = (
    "How do you handle {topic}?",
    "Need a second opinion on {topic}",
    "{Topic}: would you go for {point}?",
    "What I wish I had known about {topic}",
    "Am I wrong to worry about {topic}?",
    "Let's talk about {topic}, and {point} above all",
    "{Point}: who has tried it?",
    "A question about {topic} that I cannot answer myself",
    "Where would you begin with {topic}?",
    "My plan for {topic}, please pick it apart",
    "I lose sleep over {topic}",
    "One year of {topic}: what worked and what did not",
)

BEGIN = (
    "I have been thinking about {topic} for weeks.",
    "Every time {topic} comes up I feel lost.",
    "I finally sat down with my notes on {topic}.",
    "This is about {topic}, so bear with me.",
    "I am trying to get {topic} right for once.",
    "A friend got me thinking about {topic} again.",
    "I have put off {topic} for far too long.",
    "I went through everything I have on {topic} last night.",
)
SITUATION = (
    "So far I have been told to look at {point}, but nobody says why.",
    "The one thing I have tried is {point}, with mixed results.",
    "My family swears by {point}, and I am not so sure.",
    "What confuses me most is {point}.",
    "I keep coming back to {point}.",
    "On paper I see nothing wrong with {point}, and still I hesitate.",
    "I made a small start with {point} last month.",
    "Everything I read says {point}, and everything I see says otherwise.",
)
ASK = (
    "What would you do in my place?",
    "Has anybody here been through the same?",
    "Is there something I am missing?",
    "How did you decide?",
    "What should I read first?",
    "Would you go on or stop here?",
    "What is the mistake that everybody makes?",
    "How long did it take you?",
)

FOR = (
    "{Point} made the difference for me.",
    "I would look at {point} before anything else.",
    "I have had good results with {point}.",
    "If I could start over, I would begin with {point}.",
    "It may sound dull, but {point} did the job for me.",
    "People underrate {point}.",
    "It took a while, but {point} paid off for me.",
    "For what it is worth, {point} got me out of a hole.",
    "Nobody told me about {point} in time, and I wish somebody had.",
    "You need patience for {point}, and it is worth the trouble.",
    "Give {point} a fair try before you rule it out.",
    "I was against {point} once and changed my mind.",
)
AGAINST = (
    "I am not convinced by {point}.",
    "{Point} did nothing for me.",
    "I would be careful with {point}.",
    "{Point} looked better from afar.",
    "I tried {point} for half a year and gave it up.",
    "Everybody recommends {point}, and few of them have done it.",
    "For some people {point} may do, just not for most.",
    "I see the trouble with {point} every day.",
    "I would leave {point} for later.",
    "You can skip {point} and lose nothing.",
    "{Point} cost me more than it brought.",
    "I have seen {point} go wrong twice.",
)
ANSWER = (
    "Good question.",
    "I asked myself the same thing last year.",
    "There is no single answer to that.",
    "Short answer: it depends.",
    "I can only speak for myself.",
    "You are not the only one.",
    "Glad somebody brings this up.",
    "I would take it one step at a time.",
    "It gets easier once you have the numbers in front of you.",
    "Do not rush it.",
)
AGREE = (
    "I agree with {name}.",
    "{name} has a point.",
    "What {name} says matches what I have seen.",
    "Seconding {name} here.",
    "Yes to that, {name}.",
    "That is close to my own story, {name}.",
    "I had not thought of it that way, {name}.",
    "{name} put it better than I could.",
)
DISAGREE = (
    "I see it differently, {name}.",
    "With respect, {name}, I do not think so.",
    "That was not my experience, {name}.",
    "I would not go that far, {name}.",
    "{name}, I think you leave something out.",
    "Half right, {name}.",
    "Not sure I follow, {name}.",
    "I read the same thing, {name}, and came to the opposite view.",
)
THANKS = (
    "Thanks, {name}, that helps.",
    "I appreciate the answer, {name}.",
    "That is useful, {name}, thank you.",
    "Thank you, {name}, I will think it over.",
    "Fair enough, {name}.",
    "Okay, {name}, you have given me something to work with.",
)
OWN = (
    "Adding to what I wrote above.",
    "A small update from me.",
    "To be clearer about my own post:",
    "One more thing I forgot to say.",
    "I have slept on it since I wrote that.",
    "Correcting myself a little here.",
)
CALM = (
    "Let's keep this friendly, {name}.",
    "Back to the question, please.",
    "I will leave {name}'s remark where it is.",
    "That does not help anybody, {name}.",
    "There is a person asking for help here, {name}.",
    "Moving on from that.",
)
WONDER = (
    "Has anybody compared {point} with something else?",
    "How did {point} work out for you in the long run?",
    "Would {point} change the picture?",
    "Who has gone through {point} lately?",
    "What did {point} look like in practice?",
    "Would you still recommend {point}?",
)

I_AM = ("I am {role}.", "I am {role}, for context.", "For context, I am {role}.", "About me: {role}.")
AS_ROLE = ("Speaking as {role}:", "As {role} I would say this.", "I write this as {role}.", "{Role} here.")

VOICES: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "lead": ("Honestly,", "Look,", "Well,"),
        "end": ("Just my two cents.", "That is all I have.", "Make of it what you will."),
    },
    {
        "lead": ("As far as I can tell,", "For my part,", "From where I stand,"),
        "end": ("I may be wrong.", "Please correct me.", "Others know more than I do."),
    },
    {"lead": (), "end": ("Good luck!", "You can do this!", "Keep us posted!")},
    {"lead": ("In short:", "To the point:", "Plainly:"), "end": ()},
    {
        "lead": ("From what I have seen,", "After some years of this:", "Take it from me:"),
        "end": ("Take your time.", "Write it down and look again in a month.", "Hope that helps."),
    },
    {"lead": ("Tbh,", "Ngl,", "Imo,"), "end": ("lol", "idk though", ":)")},
)
"""Manners of speaking; a person has one. A lead goes before a sentence, an end after the last."""

OFFENCES = {
    "insult": (
        "That is the laziest take on {topic} I have read all week.",
        "Only a fool would fall for {point}, and here we are.",
        "Do people here even think before they post?",
        "What a clown show, and how hard can {topic} be.",
        "You lot could not handle {topic} if somebody did it for you.",
        "Sorry you are too slow for {point}, {name}.",
        "Cry me a river, {name}.",
        "Amateur hour again, as every time with {topic}.",
    ),
    "promotion": (
        "Forget {point}: my course sorts out {topic} in ten days, link in my profile.",
        "I sell a guide to {topic}, half price this week, link in my profile.",
        "Use my referral code and never worry about {point} again.",
        "Sign up with my coaching page, everybody there has {topic} behind them.",
        "My newsletter covers {point} every day, subscribe through the link in my profile.",
        "Check out my channel for the truth about {topic}.",
    ),
    "off-topic": (
        "Nobody asked, but did you see the match last night?",
        "Anyway, which phone should I buy?",
        "Unrelated, but my cat learned to open doors.",
        "Can we talk about the new season of that show instead?",
        "This reminds me of nothing at all, so here is a soup recipe: boil water.",
        "Wrong place, I know, but who wants to play cards tonight?",
    ),
    "promise": (
        "Put everything you have on one card, it cannot lose. Guaranteed.",
        "Guaranteed double in a month, and forget {point}.",
        "Borrow as much as you can, this trick never fails.",
        "There is a scheme around {topic} that makes you rich overnight.",
        "Skip {point} and lie on the form, nobody checks.",
    ),
    "private": (
        "Post your account number and I will show you, {name}.",
        "Tell us your full name and employer, {name}, then we can talk.",
        "I looked you up, {name}, and I know where you work.",
        "Send me a picture of your papers and I will sort out {topic}.",
    ),
    "shouting": (
        "WHY DOES NOBODY HERE LISTEN WHEN I EXPLAIN IT",
        "STOP ASKING THE SAME THING EVERY SINGLE DAY",
        "READ WHAT I WROTE LAST WEEK AND BE QUIET",
        "THIS PLACE IS GETTING WORSE BY THE HOUR",
    ),
    "other": (
        "Rules are for other people, so here goes: what a racket, {topic}, and what a place.",
        "I was told not to post this, which is why I do.",
        "Delete this if you dare, mods.",
        "House rules or not, I laugh at {point}.",
    ),
}
"""Mild breaches by kind; visibly against a rule, and no more than that."""

MARKS = {
    "insult": (
        "laziest take",
        "only a fool",
        "even think before",
        "clown show",
        "you lot could not",
        "too slow for",
        "cry me a river",
        "amateur hour",
    ),
    "promotion": ("link in my profile", "referral code", "my coaching page", "my channel", "i sell a guide"),
    "off-topic": (
        "nobody asked",
        "which phone should",
        "my cat learned",
        "that show instead",
        "soup recipe",
        "play cards tonight",
    ),
    "promise": ("cannot lose", "guaranteed double", "this trick never fails", "rich overnight", "lie on the form"),
    "private": ("your account number", "your full name and employer", "i looked you up", "picture of your papers"),
    "shouting": ("WHY DOES NOBODY", "STOP ASKING", "READ WHAT I WROTE", "THIS PLACE IS GETTING"),
    "other": ("rules are for other people", "told not to post this", "delete this if you dare", "house rules or not"),
}
"""By what a moderator who is no model tells a breach."""

KINDS = (
    ("promotion", ("promot", "advert", "spam", "sell", "referral", "affiliate", "market")),
    ("promise", ("guarantee", "rich", "scheme", "scam", "illegal", "unsafe", "risky", "misinform", "false")),
    ("private", ("private", "personal info", "personal data", "doxx", "identif")),
    ("shouting", ("caps", "shout")),
    ("off-topic", ("topic", "relevan", "unrelated", "politic")),
    (
        "insult",
        (
            "insult",
            "name-call",
            "kind",
            "respect",
            "civil",
            "attack",
            "harass",
            "abus",
            "polite",
            "rude",
            "mock",
            "troll",
        ),
    ),
)
"""By which words in a rule it is told what a breach of it looks like; the first that fits."""
