#include "text.h"

#include <string.h>

/* A sentence is one of each: what, how, and where or when. */
enum { PARTS = 3, CHOICES = 16, SENTENCE_BYTES = 160 };
static const struct language {
    const char *code, *space, *stop;
    const char *parts[PARTS][CHOICES]; /* each ends with NULL where it is not full */
} languages[] = {
    {"en",
     " ",
     ".",
     {{"The room", "Our bed", "The bathroom", "The staff at the desk", "The breakfast buffet",
       "The wifi in the lobby", "The view from the balcony", "The pool", "The location",
       "The price we paid", "The waiter", "The air conditioning", "The parking behind the house",
       "Check-in", "The shower", "The whole hotel"},
      {"was very clean and quiet", "was dirty and far too small", "was not as good as we expected",
       "was lovely and the children enjoyed it", "could have been better", "was really helpful",
       "was slow and rather rude", "was excellent", "was cold, but nobody seemed to care",
       "was comfortable and well kept", "was just what you would expect", "did not work at all",
       "is a short walk from the station", "was fresh and there was plenty of it",
       "needs to be replaced", "was worth every penny"},
      {"during our stay", "when we arrived in the evening", "on the third floor",
       "for a week in June", "and we would come back", "although it was fully booked",
       "as it was two years ago", "so we told the manager", "in the morning",
       "at the weekend with our friends", "and that is all I can say", "in spite of the rain",
       "on the last day", "which is a pity", "because the harbour is near", "as always"}}},
    {"fr",
     " ",
     ".",
     {{"La chambre", "Le petit déjeuner", "Le personnel", "La salle de bain", "L'hôtel"},
      {"était très propre", "n'était pas à la hauteur", "nous a beaucoup plu",
       "mériterait une rénovation"},
      {"pendant notre séjour", "à notre arrivée", "et nous reviendrons", "malgré la pluie"}}},
    {"de",
     " ",
     ".",
     {{"Das Zimmer", "Das Frühstück", "Das Personal", "Das Badezimmer", "Das ganze Haus"},
      {"war sehr sauber", "war leider viel zu klein", "hat uns gut gefallen", "könnte besser sein"},
      {"während unseres Aufenthalts", "bei der Ankunft am Abend", "und wir kommen gern wieder",
       "trotz des Regens"}}},
    {"es",
     " ",
     ".",
     {{"La habitación", "El desayuno", "El personal", "El baño", "Todo el hotel"},
      {"estaba muy limpio", "no era lo que esperábamos", "nos gustó mucho", "necesita una reforma"},
      {"durante nuestra estancia", "cuando llegamos por la noche", "y volveremos seguro",
       "a pesar de la lluvia"}}},
    {"it",
     " ",
     ".",
     {{"La camera", "La colazione", "Il personale", "Il bagno", "Tutto l'albergo"},
      {"era molto pulito", "non era come ci aspettavamo", "ci è piaciuto molto",
       "avrebbe bisogno di un restauro"},
      {"durante il nostro soggiorno", "quando siamo arrivati la sera", "e torneremo volentieri",
       "nonostante la pioggia"}}},
    {"tr",
     " ",
     ".",
     {{"Oda", "Kahvaltı", "Personel", "Banyo", "Bütün otel"},
      {"çok temizdi", "beklediğimiz gibi değildi", "çok hoşumuza gitti", "yenilenmeli"},
      {"konaklamamız boyunca", "akşam vardığımızda", "ve yine geleceğiz", "yağmura rağmen"}}},
    {"ja",
     "",
     "。",
     {{"お部屋は", "朝食は", "スタッフは", "お風呂は", "ホテル全体は"},
      {"とても清潔で", "思ったより狭くて", "親切で気持ちよく", "少し古くて"},
      {"滞在中は満足でした", "到着した夜に困りました", "また泊まりたいです",
       "雨でも楽しめました"}}},
};

uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = (*state += 0x9e3779b97f4a7c15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

double random_unit(uint64_t *state)
{
    return (double)(random_next(state) >> 11) / 9007199254740992.0;
}

static const struct language *language_of(const char *locale)
{
    for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++)
        if (strncmp(locale, languages[i].code, 2) == 0)
            return &languages[i];
    return languages;
}

static size_t add(char *out, size_t used, const char *text)
{
    size_t len = strlen(text);
    memcpy(out + used, text, len);
    return used + len;
}

static const char *choose(const char *const choices[CHOICES], uint64_t *state)
{
    size_t count = 1;
    while (count < CHOICES && choices[count])
        count++;
    return choices[(random_next(state) >> 16) % count];
}

size_t write_text(uint64_t *state, const char *locale, size_t len, char *out, size_t size)
{
    const struct language *language = language_of(locale);
    size_t used = 0;
    while (used < len && used + SENTENCE_BYTES < size) {
        for (int part = 0; part < PARTS; part++) {
            if (used)
                used = add(out, used, language->space);
            used = add(out, used, choose(language->parts[part], state));
        }
        used = add(out, used, language->stop);
    }
    return used;
}

size_t write_title(uint64_t *state, const char *locale, char *out)
{
    const struct language *language = language_of(locale);
    size_t used = add(out, 0, choose(language->parts[0], state));
    used = add(out, used, language->space);
    return add(out, used, choose(language->parts[1], state));
}
