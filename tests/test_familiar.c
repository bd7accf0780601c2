/* Which texts are plainly in the language of their locale, so that no detector is asked. */
#include <criterion/criterion.h>

#include "language/familiar.h"
#include "language/model_state.h"
#include "support/alloc.h"

static struct rs_model *model;
static struct rs_familiar *familiar;
static struct rs_reading reading;

static void set_up(void)
{
    struct rs_error error = {""};
    model = rs_model_read(rs_model_built_in(), &error);
    familiar = rs_familiar_create();
    cr_assert(model && familiar, "%s", error.text);
}

static void tear_down(void)
{
    rs_reading_finish(&reading);
    rs_familiar_destroy(familiar);
    rs_familiar_destroy(NULL);
    rs_model_destroy(model);
}

static bool shows(const char *title, const char *text, const char *code)
{
    static const bool keep[RS_PARTS] = {true, true};
    cr_assert(rs_reading_read(&reading.parts[RS_TITLE], &model->dictionary, rs_text(title)));
    cr_assert(rs_reading_read(&reading.parts[RS_BODY], &model->dictionary, rs_text(text)));
    return rs_familiar_is(familiar, &reading, keep, code);
}

static const struct {
    const char *text, *code;
    bool plain;
} rows[] = {
    {"Das Zimmer war leider sehr schmutzig und die Nacht war laut.", "de", true},
    {"La chambre était très propre et nous avons bien dormi.", "fr", true},
    {"El desayuno estaba muy bueno pero la habitación no es grande.", "es", true},
    {"La colazione era molto buona ma la camera non è grande.", "it", true},
    {"O quarto era muito limpo e o pequeno-almoço não foi mau.", "pt", true},
    {"De kamer was heel schoon maar het ontbijt is niet goed.", "nl", true},
    {"Kahvaltı çok güzel ve personel ilgili ama oda küçük.", "tr", true},
    /* another language than the locale's, written alike */
    {"L'esmorzar és molt bo però l'habitació no és gaire gran amb aquest preu.", "es", false},
    {"O cuarto é moi limpo pero o almorzo non foi moi bo.", "pt", false},
    {"Værelset var meget rent og vi fik en god morgenmad.", "de", false},
    {"The room was very clean and the staff were all so kind in there.", "de", false},
    {"The room was very clean and the staff were all so kind in there.", "nl", false},
    {"Das Zimmer war leider sehr schmutzig und die Nacht war laut.", "nl", false},
    {"La colazione era molto buona ma la camera non è grande.", "es", false},
    /* too little, or of no language that it knows */
    {"La playa", "es", false},
    {"", "es", false},
    {NULL, "es", false},
    {"Hotelli oli siisti ja henkilökunta oli ystävällistä.", "fi", false},
    {"The room was very clean and the staff were kind.", "en", false},
};

Test(familiar, knows_a_language_by_its_stop_words, .init = set_up, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        cr_expect_eq(shows(NULL, rows[i].text, rows[i].code), rows[i].plain, "%s: %s", rows[i].code,
                     rows[i].text);
    cr_expect(shows("El hotel es muy", "bueno y la playa está cerca", "es"), "over both parts");
}

Test(familiar, says_when_memory_is_out)
{
    rs_alloc_fail_at(0);
    struct rs_familiar *none = rs_familiar_create();
    cr_expect(rs_alloc_reset());
    cr_expect_null(none);
}
