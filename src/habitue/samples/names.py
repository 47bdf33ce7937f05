"""Names of people and places that the sample's customer records are made of."""

from dataclasses import dataclass

# First names, the common ones first; a nickname after a slash.
_FIRST = {
    "en": (
        "Olivia/Liv Amelia/Amy Emily/Em Charlotte/Lottie Jessica/Jess Sophie Grace Elizabeth/Liz Katherine/Kate "
        "Margaret/Maggie Susan/Sue Helen Rebecca/Becky Victoria/Vicky Rachel Hannah Laura Lucy Alice Eleanor/Ellie "
        "Patricia/Pat Christine/Chris Jennifer/Jenny Deborah/Debbie Samantha/Sam Abigail/Abi Isabella/Bella Zoe Chloe "
        "Megan Oliver/Ollie George Jack William/Will Thomas/Tom James/Jim Robert/Bob Michael/Mike David/Dave "
        "Richard/Rick Christopher/Chris Andrew/Andy Matthew/Matt Daniel/Dan Joseph/Joe Benjamin/Ben Samuel/Sam "
        "Alexander/Alex Edward/Ted Anthony/Tony Stephen/Steve Peter/Pete Simon Paul Mark Kevin Nicholas/Nick "
        "Patrick/Paddy Philip/Phil Aisha Fatima Priya Mohammed Arjun Wei Siobhan Niamh Sean Conor Rhys Gwen Isla Fiona"
    ),
    "de": (
        "Anna Katharina/Kathi Julia Sabine Claudia Petra Susanne/Susi Andrea Stefanie/Steffi Birgit Monika/Moni "
        "Christina/Tina Ursula/Uschi Elisabeth/Lisa Johanna/Hanna Lena Lea Sophia Marie Jürgen Thomas/Tom "
        "Michael/Michi "
        "Andreas/Andi Stefan Wolfgang/Wolfi Klaus Matthias/Matze Sebastian/Basti Maximilian/Max Lukas Jonas Felix Jörg "
        "Günther Björn Tobias/Tobi Alexander/Alex Florian/Flo Jan Markus Ayşe Mehmet Emre Zeynep"
    ),
    "fr": "Camille Léa Chloé Manon Émilie Sophie Céline Aurélie Nathalie/Nath Isabelle/Isa Hélène Pierre Jean Julien "
    "Nicolas/Nico Thomas François Frédéric/Fred Mathieu/Mat Antoine Hugo Louis René Amélie Noémie",
    "nl": "Emma Sanne Lotte Fleur Anouk Marieke Femke Inge Daan Sem Lars Bram Jeroen Pieter Maarten Joost Ruben Willem",
}
_LAST = {
    "en": (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White "
        "Roberts Green Hall Wood Jackson Clarke Clark Harris Lewis Martin Cooper King Lee Baker Khan Morris Ward "
        "Turner "
        "Hill Scott Moore Edwards Ali Murphy Kelly Ryan Byrne Walsh Hussain Begum Shah Singh Kaur Ahmed Cohen Bennett "
        "Gray Cook Bell Bailey Carter Collins Shaw Parker Mitchell Murray Price Hughes O'Brien O'Neill McDonald Fraser"
    ),
    "de": (
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
        "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier "
        "Lehmann Köhler Huber Mayer Gruber Y\u0131lmaz Kaya Demir Nowak Jäger Böhm Größer Weiß Vogt Groß"
    ),
    "fr": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia "
    "Bertrand Roux Vincent Fournier Girard Bonnet Gauthier Lévêque Étienne",
    "nl": "Jansen Visser Smit Meijer Bakker Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Smits Postma",
}
# Rare surnames are put together, so that namesakes are common and yet most people have none.
_HEADS = {
    "en": "Ash Black Brad Brom Burn Car Chat Clay Cran Dun East Elm Fair Far Glen Gran Hals Har Hart Haw Hol Kings "
    "Lang "
    "Lin Long Mal Mar Mill Nor North Oak Pem Red Rush Shel Stan Stock Sut Thorn Wal War West Whit Win Wood",
    "de": "Alten Berg Birken Brink Buch Eichen Erlen Falken Feld Fichten Habers Hage Hasel Heller Hirsch Hohen Kalten "
    "Kirch Linden Mühl Neu Ober Reichen Rosen Sommer Stein Strom Tannen Unter Wald Weiden Winter",
    "fr": "Beau Belle Bois Cham Clair Fon Grand Haut Mont Mor Pré Roche Val Ville",
    "nl": "Akker Berken Boom Dijk Groen Heuvel Hof Meer Molen Oude Veld Water Wester Zand",
}
_TAILS = {
    "en": "bourne brook bury by combe croft dale den don ell field ford gate grove ham hurst land ley low man mere "
    "more "
    "ridge shaw son stead sley ston stone ton tree wick well wood worth",
    "de": "bach bauer baum beck berg berger brunner burg dorf feld felder hauer haus hofer huber kamp mann meier mayer "
    "müller reiter reuter stein steiner thal thaler wald",
    "fr": "bert champ cour deau din gnon lard leau lieu mard nay rand sson taine ton val villier",
    "nl": "berg broek burg dam hof huis kamp laar man meer stra veld wijk wijk zee",
}
_STREETS = {
    "en": (
        "High Church Station Park Victoria Mill London York Queen Green Manor Kings School Chapel North South West "
        "Grange Albert Springfield Windsor Alexandra Orchard Meadow Elm Cedar Willow Castle Bridge Rectory Harbour"
    ),
    "de": "Haupt Bahnhof Schul Garten Berg Dorf Wald Kirch Linden Ring Wiesen Goethe Schiller Mühl Rosen Mozart Feld",
    "fr": "Moulin Église Gare Fontaine Jardins Écoles Lilas Tilleuls Prés République Victoire Château",
    "nl": "Kerk School Dorps Molen Station Julianas Beatrix Wilhelmina Eiken Linden Beuken",
}
_ROADS = {
    "en": ("{} Street", "{} Road", "{} Lane", "{} Avenue", "{} Close"),
    "de": ("{}straße", "{}weg", "{}platz"),
    "fr": ("Rue du {}", "Avenue du {}", "Place du {}"),
    "nl": ("{}straat", "{}weg", "{}laan"),
}
# City and the first part of its postcodes.
CITIES = {
    "GB": (
        ("London", "SE"), ("Birmingham", "B"), ("Manchester", "M"), ("Leeds", "LS"), ("Glasgow", "G"),
        ("Sheffield", "S"), ("Bristol", "BS"), ("Liverpool", "L"), ("Edinburgh", "EH"), ("Cardiff", "CF"),
        ("Leicester", "LE"), ("Nottingham", "NG"), ("Newcastle upon Tyne", "NE"), ("Brighton", "BN"), ("Norwich", "NR"),
        ("Exeter", "EX"), ("York", "YO"), ("Oxford", "OX"), ("Cambridge", "CB"), ("Bath", "BA"),
    ),
    "DE": (
        ("Berlin", "10"), ("Hamburg", "20"), ("München", "80"), ("Köln", "50"), ("Frankfurt am Main", "60"),
        ("Stuttgart", "70"), ("Düsseldorf", "40"), ("Leipzig", "04"), ("Nürnberg", "90"), ("Münster", "48"),
    ),
    "IE": (("Dublin", "D0"), ("Cork", "T1"), ("Galway", "H9"), ("Limerick", "V9")),
    "FR": (("Paris", "75"), ("Lyon", "69"), ("Lille", "59"), ("Nantes", "44"), ("Toulouse", "31")),
    "NL": (("Amsterdam", "10"), ("Rotterdam", "30"), ("Utrecht", "35"), ("Eindhoven", "56")),
    "AT": (("Wien", "10"), ("Graz", "80"), ("Linz", "40"), ("Salzburg", "50")),
}  # fmt: skip
DIAL = {"GB": "+446", "DE": "+4910", "IE": "+35310", "FR": "+3310", "NL": "+3110", "AT": "+4310"}
SPOKEN = {"GB": "en", "IE": "en", "DE": "de", "AT": "de", "FR": "fr", "NL": "nl"}
PROVIDERS = ("post.example", "mail.example", "inbox.example", "webmail.example", "briefkasten.example")
_PLAIN = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ê": "e", "ç": "c", "ş": "s", "\u0131": "i",
        "É": "E", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "'": "", "ë": "e", "ï": "i", "ô": "o", "â": "a", "û": "u",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Nation:
    """The names of one country.

    Attributes:
        first: First names, the common ones first.
        nick: The nickname of each, or the name again.
        last: Surnames, the common ones first.
        streets: Street names.
        spoken: Language code.
    """

    first: tuple[str, ...]
    nick: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    spoken: str


def nation(country: str) -> Nation:
    """The names used in a country."""
    spoken = SPOKEN[country]
    pairs = [each.split("/") for each in _FIRST[spoken].split()]
    rare = [head + tail for tail in _TAILS[spoken].split() for head in _HEADS[spoken].split()]
    streets = [road.format(name) for name in _STREETS[spoken].split() for road in _ROADS[spoken]]
    return Nation(
        first=tuple(pair[0] for pair in pairs),
        nick=tuple(pair[-1] for pair in pairs),
        last=(*_LAST[spoken].split(), *rare),
        streets=tuple(streets),
        spoken=spoken,
    )


def plain(text: str) -> str:
    """The text in ASCII letters, as people write it into forms that take no others."""
    return text.translate(_PLAIN)
