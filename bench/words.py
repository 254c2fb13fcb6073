"""Invented Danish: names that nobody bears and sentences that nobody wrote, put together by lot."""

from random import Random

_FIRST = ("Tænkt", "Opdigtet", "Påfunden", "Fabelen", "Skrøne", "Digte", "Prøve", "Mønster", "Eventyr", "Sagne")
_LAST = ("Tænktesen", "Opdigtsen", "Påfundsen", "Fabelsen", "Skrønesen", "Digtersen", "Mønstersen", "Eventyrsen")

_SLOTS = {
    "voksen": "klasselæreren,klubmedarbejderen,SSP-læreren,mentoren,vejlederen,træneren,kontaktpersonen,skolelederen,"
    "sundhedsplejersken,praktikværten",
    "venner": "de gamle venner,to fra parallelklassen,resten af holdet,sin fætter,naboens drenge,dem fra opgangen,"
    "en ældre kammerat,gruppen ved stationen",
    "sted": "i frikvarteret,i klubben,ved stationen,på biblioteket,i omklædningsrummet,på gangen,i kantinen,ved søen,"
    "på nettet,til træning,i bussen hjem,på værkstedet",
    "tid": "i sidste uge,i mandags,lige før ferien,tidligt på måneden,to gange den uge,efter weekenden,en sen aften,"
    "siden påske,gennem efteråret,den første skoledag",
    "fritid": "håndbold,fodbold,musik,boksning,svømning,skak,teater,madlavning,løb,klatring",
    "ting": "en film, der hylder vold;et banner med et slagord;en liste med navne;et billede fra et lukket forum;"
    "en pjece uden afsender;en tale, der var klippet sammen;et mærke på jakken",
    "følelse": "vred,ked af det,urolig,stolt,tavs,lettet,træt,afvisende,nysgerrig",
    "tal": "to,tre,fire,fem,seks",
}
_CHOICES = {slot: told.split(";" if ";" in told else ",") for slot, told in _SLOTS.items()}

_SENTENCES = {
    "concern": (
        "Det begyndte {tid}, da {voksen} lagde mærke til, at den unge ikke længere talte med {venner}.",
        "Den unge har {tid} vist {ting} frem {sted} og sagt, at det er på tide, at nogen gør noget.",
        "Når {voksen} spørger, bliver den unge {følelse} og går sin vej uden at svare.",
        "Forældrene siger, at den unge sidder oppe om natten og skriver med nogen, som de ikke kender.",
        "Den unge er holdt op med at gå til {fritid}, som ellers har fyldt meget i {tal} år.",
        "{voksen} hørte den unge sige {sted}, at dem, der tænker anderledes, ikke fortjener at være her.",
        "Der er ikke set våben, og ingen har hørt om planer, men tonen er blevet hårdere {tid}.",
        "En lillesøster har fortalt {voksen}, at hun ikke må have sine veninder med hjem mere.",
        "Den unge har brudt med {venner} og siger, at de er svage, fordi de går til fester.",
        "Skolen har talt med hjemmet {tal} gange, og hver gang var stemningen {følelse}.",
        "I værelset hænger {ting}, og det er ikke noget, familien kender noget til.",
        "Fraværet er steget, og {tid} udeblev den unge fra prøven uden at give besked.",
    ),
    "seen": (
        "Viste {ting} til {venner} {sted}.",
        "Sagde {sted} til {voksen}, at vold kan være nødvendig.",
        "Sad alene {sted} {tid} og ville ikke tale med nogen.",
        "Skrev {tid} på tavlen, at forrædere skal vide, hvem de er.",
        "Meldte sig ud af {fritid} og gav {venner} skylden.",
        "Råbte ad {voksen} {sted}, da talen faldt på {ting}.",
    ),
    "strength": (
        "Går til {fritid} hver uge og bliver lyttet til der.",
        "Har en god voksen i {voksen} og ringer selv, når noget er svært.",
        "Familien står sammen og vil gerne have hjælp.",
        "Har fået fritidsjob og møder til tiden.",
        "Er god til at hjælpe {venner} med lektier.",
    ),
    "reason": (
        "{voksen} og politiet har gennemgået det, der er set, og er enige om, hvad det kan og ikke kan bære.",
        "Flere ændringer er sket på samme tid, og det er det, der vejer, ikke den enkelte ting.",
        "Der er ikke oplysninger om kriminelle forhold, og intet taler imod, at kommunen går ind i det.",
        "Oplysningerne om {ting} er fra anden hånd og skal efterprøves, før der bygges på dem.",
        "Den unge har selv sagt, at det var for at virke hård over for {venner}.",
        "Det er drøftet, om en samtale med {voksen} er nok, og det prøves først.",
    ),
    "measured": (
        "Det mindste, der kan virke, er en fast voksen og hjælp tilbage til {fritid}.",
        "En indsats over for hele gruppen er overvejet og fravalgt, fordi den ville udstille den unge.",
        "Der tales med den unge og familien, før der tales med andre.",
        "Indsatsen standser, når målet er nået, også selv om planen løber længere.",
    ),
    "weighed": (
        "Kernegruppen ser en ung, der mangler at høre til, mere end en ung med faste meninger.",
        "Relationen til {voksen} er bærende, og den skal ikke sættes på spil.",
        "Den unge bruger {tal} timer om dagen på nettet og følger nogle få profiler.",
        "Udtalelserne {sted} er alvorlige, men står alene og er ikke gentaget {tid}.",
        "Hjemmet er trygt, men trangt, og forældrene arbejder på skæve tider.",
        "Skolen kan mærke, at den unge er {følelse}, men fagligt følger med.",
        "Den unge fortæller, at {venner} lo, da en i familien blev syg, og at det var der, det vendte.",
        "Der er set fremgang, siden {voksen} begyndte at spise frokost sammen med den unge.",
        "Det er ikke klart, hvem der står bag {ting}, og det undersøges ikke af kommunen.",
    ),
    "risk": (
        "At fællesskabet på nettet bliver det eneste, den unge hører til.",
        "At {venner} trækker den unge med {sted} igen.",
        "At skolen slipper taget, hvis fraværet vokser.",
    ),
    "goal": (
        "Den unge kommer i skole mindst fire dage om ugen.",
        "Den unge går til {fritid} igen inden sommer.",
        "Den unge har en voksen at ringe til, når {venner} presser på.",
        "Familien taler sammen om det, der ses på nettet.",
    ),
    "done": (
        "Samtalerne er holdt som aftalt, og den unge kom hver gang.",
        "{voksen} fortæller, at den unge er begyndt til {fritid} og bliver hentet af {venner}.",
        "Den unge er stadig {følelse} om mandagen, og det aftales, at {voksen} ringer søndag aften.",
        "Der har ikke været nye episoder {sted}, og hjemmet mærker en forskel.",
        "To gange blev aftalen flyttet, fordi familien var syg; det har ikke haft betydning.",
        "Den unge siger selv, at det hjælper at have noget at stå op til.",
    ),
    "told": (
        "{voksen} ringede og fortalte, at den unge {tid} var {følelse} og gerne ville tale.",
        "Mor spørger, hvem der læser det, vi skriver, og har fået svar.",
        "Aftalt, at {voksen} følger op {sted}, og at vi taler sammen igen.",
        "Den unge har set det skrevne og har ingen rettelser.",
    ),
}


def name(dice: Random) -> str:
    """Return a name that looks invented."""
    return f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"


def sentence(dice: Random, kind: str) -> str:
    """Return one sentence of a kind."""
    text = dice.choice(_SENTENCES[kind]).format_map(_Lot(dice))
    return text[0].upper() + text[1:]


class _Lot(dict[str, str]):
    """Draws a word for each slot that a sentence has."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def __missing__(self, slot: str) -> str:
        return self.dice.choice(_CHOICES[slot])


def prose(dice: Random, kind: str, length: int) -> str:
    """Return at least so many characters of a kind, a sentence a line."""
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        lines.append(sentence(dice, kind))
    return "\n".join(lines) + "\n"
