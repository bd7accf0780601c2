#include "language/familiar.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "language/hash.h"

enum {
    SLOTS = 4096,   /* at least twice as many as words */
    WORDS = 40,     /* that are looked at: more tell nothing new */
    LEAST = 3,      /* common words that make a language */
    SHARE = 15,     /* and how many in a hundred of all */
    SURER = 3,      /* times as many as speak for another language */
    LANGUAGES = 32, /* one bit each */
};

/* By hand: articles, pronouns, prepositions, and what every review says. `vouched`: the list is
 * long enough to say yes by; the others are there to say no. */
static const struct language {
    const char *code;
    bool vouched;
    const char *words;
} languages[] = {
    {"de", true,
     "der die das den dem des ein eine einen einem einer eines und oder aber nicht ist war "
     "sind waren wir ich sie es er uns man mit von vom zu zum zur für auf aus bei beim "
     "nach im in an am um auch sehr so wie noch nur als dass wenn kein keine keinen hat "
     "hatte haben hatten wird werden wurde kann gut alles hier leider mehr viel dort unser "
     "unsere unserem etwas immer alle durch über ganz wieder gibt"},
    {"fr", true,
     "le la les un une des du de et ou mais ne pas est était sont étaient nous je il elle "
     "on vous ils ce cette ces son sa ses notre nos pour par sur dans avec sans en au aux "
     "qui que très plus bien tout tous toute c'est l'hôtel n'est peu si comme à y été "
     "avons avez être même après trop fait ai avait rien d'un d'une deux leur"},
    {"es", true,
     "el la los las un una unos unas de del y o pero no es son era fue está están estaba "
     "estaban muy más que con sin por para en al se lo le su sus nos mi me todo todos toda "
     "como cuando si ya también hay desde hasta nuestra nuestro este esta a había tiene "
     "bien ni porque solo además"},
    {"it", true,
     "il lo la i gli le un uno una di del della dei delle dello degli e o ma non è sono "
     "era molto più che con senza per in nel nella al alla ai da dal dalla si ci ho "
     "abbiamo siamo anche come quando tutto tutti questo questa nostra nostro su sul sulla "
     "ed a stato ottima c'è poco solo ha due mi"},
    {"pt", true,
     "o a os as um uma de do da dos das e ou mas não é são foi era muito mais que com sem "
     "por para em no na nos nas ao à se seu sua nós nosso nossa tudo como quando já também "
     "há este esta pelo pela bem foram estava ser ter me isso apenas só uns"},
    {"nl", true,
     "de het een en of maar niet is was zijn waren wij we ik je ze er met van voor op uit "
     "bij naar in aan om ook heel erg zeer zo als nog geen wel te dat die dit deze heeft "
     "hebben had kan alles hier daar onze ons goed veel over door dan wat meer werd"},
    {"tr", true,
     "ve bir bu çok için ile de da daha ama en gibi kadar olarak var yok biz ben değil her "
     "şey olan sonra önce ki ne mi oldukça bizim tüm bütün gayet iyi güzel hiç ancak fakat "
     "vardı oldu ise o olduğu olması temiz temizdi otel oda odalar personel kahvaltı "
     "çalışanlar konum yakın lezzetli dışında nedeniyle özellikle ayrıca tarafından kaldık "
     "tavsiye ederim fiyat mükemmel harika rahat küçük büyük yeterli olmasına rağmen "
     "içinde"},
    {"en", false,
     "the and was is were are to of in it we i for with very had our they this that but "
     "not on at from as be have there all so room my you an by no or if would"},
    {"gl", false,
     "o a os as un unha e non moi máis que con para en do da dos das é foi está pero tamén "
     "de no na por se ao"},
    {"ca", false,
     "el la els les un una i o però no és molt més que amb per a de del en al què hi ha "
     "també dels està són era com ens tot"},
    {"sv", false,
     "och det som en ett på är av för med den till inte vi var i att jag om men har mycket "
     "från rum så ej bra"},
    {"da", false,
     "og det som en et på er af for med den til ikke vi var i at jeg om men har meget fra "
     "så der de"},
    {"no", false,
     "og det som en et på er av for med den til ikke vi var i å jeg om men har veldig fra "
     "så der de"},
    {"af", false, "die het van en nie is was ons met vir 'n op in te dit baie daar"},
    {"ro", false,
     "și de la în un o cu nu este pentru care foarte din mai pe sunt am fost hotelul dar"},
    {"eu", false, "eta da oso ez bat zen du gure"},
    {"sw", false, "ya na la wa kwa ni hoteli katika cha za vya"},
    {"hr", false, "i je u na se su za da smo s od ali vrlo"},
    {"sk", false, "a je v na sa sme bol bola z do za veľmi ale"},
};
_Static_assert(sizeof(languages) / sizeof(*languages) <= LANGUAGES, "a bit for each");
enum { KNOWN = sizeof(languages) / sizeof(*languages) };

/* Letters of one language only, and how many in a hundred of all show it. */
static const struct script {
    const char *code;
    int32_t first, last;
    int32_t not_first, not_last; /* a letter that shows another */
    unsigned share;
} scripts[] = {
    {"ja", 0x3040, 0x30ff, 0, 0, 20}, {"zh", 0x4e00, 0x9fff, 0x3040, 0x30ff, 60},
    {"ko", 0xac00, 0xd7a3, 0, 0, 60}, {"th", 0x0e00, 0x0e7f, 0, 0, 60},
    {"el", 0x0370, 0x03ff, 0, 0, 60},
};

struct slot {
    uint32_t hash, languages; /* of a word; 1 << index in `languages`, 0 is empty */
};

struct rs_familiar {
    struct slot slots[SLOTS];
};

static uint32_t find(const struct rs_familiar *familiar, uint32_t hash)
{
    size_t i = hash % SLOTS;
    while (familiar->slots[i].languages && familiar->slots[i].hash != hash)
        i = (i + 1) % SLOTS;
    return (uint32_t)i;
}

struct rs_familiar *rs_familiar_create(void)
{
    struct rs_familiar *familiar = calloc(1, sizeof(*familiar));
    for (size_t k = 0; familiar && k < KNOWN; k++) {
        for (const char *word = languages[k].words; *word;) {
            size_t len = strcspn(word, " ");
            uint32_t hash = rs_hash(word, len);
            struct slot *slot = &familiar->slots[find(familiar, hash)];
            slot->hash = hash;
            slot->languages |= 1u << k;
            word += len + (word[len] == ' ');
        }
    }
    return familiar;
}

void rs_familiar_destroy(struct rs_familiar *familiar)
{
    free(familiar);
}

static int index_of(const char *code)
{
    for (int k = 0; k < KNOWN; k++)
        if (languages[k].vouched && strcmp(languages[k].code, code) == 0)
            return k;
    return -1;
}

struct tally {
    size_t words, hits;
    size_t for_us[LANGUAGES], against[LANGUAGES]; /* words of ours and not of that one, and so on */
};

static void count(struct tally *tally, uint32_t found, int ours)
{
    bool hit = found >> ours & 1;
    tally->words++;
    tally->hits += hit;
    for (int k = 0; found && k < KNOWN; k++)
        if (hit != (found >> k & 1))
            *(hit ? &tally->for_us[k] : &tally->against[k]) += 1;
}

static bool is_plain(const struct tally *tally, int ours)
{
    if (tally->hits < LEAST || tally->hits * 100 < tally->words * SHARE)
        return false;
    for (int k = 0; k < KNOWN; k++)
        if (k != ours && (tally->for_us[k] < 2 || tally->for_us[k] < SURER * tally->against[k]))
            return false;
    return true;
}

bool rs_familiar_words(const struct rs_familiar *familiar, const struct rs_reading *reading,
                       const bool keep[RS_PARTS], const char *code)
{
    struct tally tally = {0};
    int ours = index_of(code);
    if (ours < 0)
        return false;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_tokens *tokens = &reading->parts[p].tokens;
        for (size_t i = 0; keep[p] && i < tokens->count && tally.words < WORDS; i++)
            if (tokens->at[i].kind == RS_WORD)
                count(&tally, familiar->slots[find(familiar, tokens->at[i].hash)].languages, ours);
    }
    return is_plain(&tally, ours);
}

static bool shows(const struct script *script, struct rs_bytes text)
{
    size_t letters = 0, own = 0;
    int32_t code;
    for (size_t at = 0; at < text.len;) {
        utf8proc_ssize_t len = utf8proc_iterate((const uint8_t *)text.data + at,
                                                (utf8proc_ssize_t)(text.len - at), &code);
        if (len < 1 || (script->not_last && code >= script->not_first && code <= script->not_last))
            return false;
        letters += code != ' ';
        own += code >= script->first && code <= script->last;
        at += (size_t)len;
    }
    return letters && own * 100 >= letters * script->share;
}

bool rs_familiar_script(struct rs_bytes text, const char *code)
{
    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
        if (strcmp(scripts[i].code, code) == 0)
            return shows(&scripts[i], text);
    return false;
}
