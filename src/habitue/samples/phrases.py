"""Sentences of reviews, by language, topic and feeling."""

LANGUAGES = ("en", "de")
TOPICS = ("quality", "delivery", "size", "price", "service")

# Openers by feeling: 0 bad, 1 mixed, 2 good.
OPENERS = {
    "en": (
        ("Very disappointed.", "Not what I hoped for.", "I would not buy this again.", "What a let-down.",
         "Sadly a poor experience.", "One star is generous."),
        ("It is all right.", "Mixed feelings about this one.", "Neither good nor bad.", "Fair, with some reservations.",
         "Could be better.", "An average buy."),
        ("Absolutely lovely.", "So pleased with this.", "A wonderful find.", "Exactly what I wanted.",
         "Five stars from me.", "Could not be happier."),
    ),
    "de": (
        ("Sehr enttäuscht.", "Leider nicht das, was ich erwartet hatte.", "Würde ich nicht wieder kaufen.",
         "Schade um das Geld.", "Keine gute Erfahrung.", "Ein Stern ist noch zu viel."),
        ("Ganz in Ordnung.", "Ich bin hin- und hergerissen.", "Weder gut noch schlecht.", "Mit Einschränkungen okay.",
         "Da geht noch mehr.", "Durchschnittlich."),
        ("Wunderschön.", "Ich bin sehr zufrieden.", "Ein toller Fund.", "Genau das, was ich gesucht habe.",
         "Fünf Sterne von mir.", "Besser geht es nicht."),
    ),
}  # fmt: skip

# What is said of each topic: 0 bad, 1 good.
SAYINGS = {
    "en": {
        "quality": (
            ("It broke after a week.", "The finish is rough and it feels cheap.", "A handle came off the first day.",
             "It arrived with a crack in it.", "The colour faded after one wash."),
            ("Beautifully made and sturdy.", "The quality is far better than I expected.",
             "You can tell it was made with care.", "It still looks new after months of use.",
             "The material feels lovely."),
        ),
        "delivery": (
            ("It took almost two weeks to arrive.", "The parcel was late and nobody told me why.",
             "Delivery was slow and the box was crushed.", "It came three days after the birthday.",
             "The courier left it in the rain."),
            ("It arrived the next day.", "Quick delivery and neat packaging.", "The parcel came earlier than promised.",
             "Delivered on time, wrapped with care.", "Fast shipping as always."),
        ),
        "size": (
            ("It is much smaller than in the picture.", "The size runs small, order one up.",
             "Too big for what I needed.", "The measurements in the description are wrong.", "It did not fit at all."),
            ("The size is just right.", "It fits perfectly.", "True to size.", "Just as big as the description says.",
             "A perfect fit for the shelf."),
        ),
        "price": (
            ("Far too expensive for what it is.", "A week later it was on sale for less.", "Not worth the money.",
             "Overpriced.", "I have seen the same thing cheaper elsewhere."),
            ("Great value for money.", "A bargain in the sale.", "Worth every penny.",
             "You will not find it cheaper anywhere.", "Very reasonable price."),
        ),
        "service": (
            ("They sent the wrong thing and did not answer my mails.", "Customer service kept me waiting for days.",
             "Returning it was a nightmare.", "Nobody picks up the phone.", "I had to ask three times for a refund."),
            ("Customer service answered within the hour.", "They replaced it without any fuss.",
             "Very friendly on the phone.", "Returns are easy here.", "The staff could not have been kinder."),
        ),
    },
    "de": {
        "quality": (
            ("Nach einer Woche war es kaputt.", "Schlecht verarbeitet und wirkt billig.",
             "Am ersten Tag ist der Griff abgegangen.", "Es kam mit einem Sprung an.",
             "Nach der ersten Wäsche war die Farbe weg."),
            ("Sehr schön verarbeitet und stabil.", "Die Qualität ist besser als erwartet.",
             "Man merkt, dass es mit Liebe gemacht ist.", "Sieht nach Monaten noch aus wie neu.",
             "Das Material fühlt sich toll an."),
        ),
        "delivery": (
            ("Die Lieferung hat fast zwei Wochen gedauert.", "Das Paket kam zu spät und niemand hat Bescheid gesagt.",
             "Der Versand war langsam und der Karton zerdrückt.", "Kam drei Tage nach dem Geburtstag an.",
             "Der Bote hat es im Regen stehen lassen."),
            ("War schon am nächsten Tag da.", "Schneller Versand und ordentlich verpackt.",
             "Das Paket kam früher als angekündigt.", "Pünktlich geliefert und liebevoll verpackt.",
             "Wie immer schnelle Lieferung."),
        ),
        "size": (
            ("Viel kleiner als auf dem Bild.", "Fällt klein aus, lieber eine Nummer größer.",
             "Für meine Zwecke zu groß.", "Die Maße in der Beschreibung stimmen nicht.",
             "Hat überhaupt nicht gepasst."),
            ("Die Größe ist genau richtig.", "Passt perfekt.", "Fällt normal aus.",
             "So groß wie in der Beschreibung.", "Passt genau ins Regal."),
        ),
        "price": (
            ("Viel zu teuer für das, was es ist.", "Eine Woche später war es im Angebot.", "Nicht sein Geld wert.",
             "Überteuert.", "Woanders habe ich das Gleiche billiger gesehen."),
            ("Sehr gutes Preis-Leistungs-Verhältnis.", "Im Angebot ein Schnäppchen.", "Jeden Cent wert.",
             "Günstiger findet man es nirgends.", "Ein fairer Preis."),
        ),
        "service": (
            ("Falscher Artikel, und auf E-Mails kam keine Antwort.", "Der Kundendienst ließ mich tagelang warten.",
             "Die Rücksendung war ein Albtraum.", "Am Telefon geht niemand ran.",
             "Ich musste dreimal nach der Erstattung fragen."),
            ("Der Kundendienst hat in einer Stunde geantwortet.", "Wurde anstandslos ersetzt.",
             "Sehr freundlich am Telefon.", "Rückgabe ganz einfach.", "Das Personal war außerordentlich nett."),
        ),
    },
}  # fmt: skip

# Closers by feeling, the empty one among them.
CLOSERS = {
    "en": (
        ("", "", "Sent it back.", "Avoid.", "Never again."),
        ("", "", "It will do.", "We will see how long it lasts.", "Fine for the guest room."),
        ("", "", "Would buy again.", "My sister wants one too.", "Highly recommended."),
    ),
    "de": (
        ("", "", "Ging zurück.", "Finger weg.", "Nie wieder."),
        ("", "", "Geht schon.", "Mal sehen, wie lange es hält.", "Für das Gästezimmer reicht es."),
        ("", "", "Gerne wieder.", "Meine Schwester will auch eins.", "Klare Empfehlung."),
    ),
}  # fmt: skip
