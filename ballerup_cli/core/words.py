"""Fingerprints as words: what two people read to each other on the telephone to know that a key is the right one.

Ten words of a list of 256 are 80 bits of a digest; making another key with the same words is out of reach.
"""

COUNT = 10
"""How many words a fingerprint has."""

_DANISH = """
abe agern aks alf alge amme and anis anker arm ark ask asp avis bad bager bakke bal ballon banan bank bark basse bavn
bed ben bi bille birk bjerg bjørn blad blik blomst blæk bog bold bolle bord brev bro brud brød bue buk bus busk bæk
bælte bænk bær bøg bølge bønne cirkel citron creme cykel dam damp dans dej dekan delfin dessin dige disk dok drage
dreng dronning dug due duft dukke dun dyne dør eg egern elv eng engel espresso fad fakkel fane farve fasan fe fest fez
figen finger fisk fjer fjord flag flaske fløde fløjte fod fold fole fortov fugl fure fyr fyrtårn får gaffel galop gang
garn ged gejser gæs glas glente gren gris grotte græs gulv gulerod gynge gås hage hal hale halm hammer hane hare harpe
hat have havn hegn hejre hest hingst hjelm hjort hjul hjørne honning hus hylde hytte hyld høne høst høvl ibis igle ild
is isbjørn jagt jakke jolle jord jul jæger kaffe kage kalk kam kammer kanal kande kanin kano karse kasse kat kerne
kilde kirke kjole klokke klipper klit klods klub knap knold kog komet kop korn kost krage kran krone krukke krydder
kugle kurv kvist kyst kælk kørvel lade lagen laks lam lampe land lanse lap leg lejr lem lilje lind linse loft luft lup
lyng lys lærke løg løve mad magnet majs mandel mast mejse mel melon mink mos mund mur muse myg mynte måge mål måne nat
navn nebbe net nød ovn pil pose ravn ring rose sol
"""
_ENGLISH = """
acorn acre agate album alder alloy almond amber anchor angle ankle apple apron arch arrow artist aspen atlas attic
autumn badge bagel baker balcony ball bamboo banjo barley barn barrel basil basket beach beacon bean bear beaver bell
bench berry birch bird biscuit blanket blossom board boat bonnet book boot bottle bowl branch brass bread brick bridge
brook broom brush bucket bud bugle bush butter cabin cable cactus cake camel candle canoe canvas carpet carrot castle
cedar cello chain chair chalk cheese cherry chess chest chimney cider circle clay cliff clock cloud clover coal coast
cobweb cocoa comet compass copper coral cork corn cotton cradle crane crayon cricket crown crystal cup curtain daisy
dawn deer desk diamond dolphin door dove dragon drum duck dune eagle easel echo elbow elm engine falcon feather fern
ferry fiddle field fig finch flag flame flask flint flour flute forest fork fountain fox frost garden garlic gate
ginger glacier glass globe glove goat goose grape grass gravel guitar hammer harbour harp hat hawk hazel hedge helmet
heron hill honey horn horse house iris island ivory ivy jacket jar jewel jigsaw juniper kettle key kite kitten ladder
lake lamp lantern larch lark laurel leaf lemon lens lettuce lilac lily lime linen lion lizard lobster locket magnet
mango maple marble market meadow melon mill mint mirror moon moss mountain mouse muffin mushroom napkin needle nest
nettle nut oak oar oasis oat ocean olive onion orange orchard otter oven owl oyster paddle palm panda paper parcel
parrot peach pearl pebble pencil pepper piano pigeon
"""

WORDS = {"da": tuple(_DANISH.split()), "en": tuple(_ENGLISH.split())}
"""The lists by language; a byte is the place of its word."""


def spoken(digest: bytes, language: str) -> str:
    """Return the first bytes of a digest as ten words of a language."""
    return " ".join(WORDS[language][byte] for byte in digest[:COUNT])
