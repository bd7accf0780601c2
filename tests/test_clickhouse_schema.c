/* Reading the versioned file of SQL. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sink/clickhouse_schema.h"

static const struct {
    const char *name, *sql;
    int64_t latest;
    const char *want; /* "<version>:<statement>|" of each */
} rows[] = {
    {"statements under their versions",
     "-- about; it\n-- version 1\nA {database}.x;\n  B;\n-- version 12\nC {views}.y\n;\n", 12,
     "1:A `d_g-1`.x|1:B|12:C `d`.y\n|"},
    {"comments are left out, also behind code", "-- version 1\nA -- ; not the end\nB;", 1,
     "1:A \nB|"},
    {"what is quoted is no comment and no end", "-- version 1\nSELECT '--;' , '{generation}';", 1,
     "1:SELECT '--;' , 'g-1'|"},
    {"the last one needs no semicolon", "-- version 3\nA", 3, "3:A|"},
    {"nothing", "-- a comment", 0, ""},
    {"an unknown placeholder stays", "-- version 1\n{x};", 1, "1:{x}|"},
};

Test(clickhouse_schema, is_read_statement_by_statement)
{
    struct rs_ch_view view;
    cr_assert(rs_ch_view_init(&view, "d", "g-1", NULL));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_buffer statement = {0};
        char said[512] = "";
        int64_t version = 0;
        const char *at = rows[i].sql;
        while (rs_ch_schema_next(&at, &view, view.in_readers, &version, &statement))
            snprintf(said + strlen(said), sizeof(said) - strlen(said), "%d:%s|", (int)version,
                     statement.data);
        cr_expect_str_eq(said, rows[i].want, "%s: %s", rows[i].name, said);
        cr_expect_eq(rs_ch_schema_latest(rows[i].sql), rows[i].latest, "%s", rows[i].name);
        rs_buffer_finish(&statement);
    }
    rs_ch_view_finish(&view);
}

Test(clickhouse_schema, has_a_built_in_file_whose_views_can_be_told_from_tables)
{
    struct rs_ch_view view;
    struct rs_buffer statement = {0};
    int64_t version = 0;
    size_t views = 0, tables = 0;
    cr_assert(rs_ch_view_init(&view, "reviews", "g1", NULL));
    for (const char *at = rs_ch_built_in_schema();
         rs_ch_schema_next(&at, &view, view.in_readers, &version, &statement);) {
        cr_expect_geq(version, 1);
        cr_expect_null(strchr(statement.data, '{'), "%s", statement.data);
        views += strncmp(statement.data, "CREATE VIEW IF NOT EXISTS `reviews`.", 36) == 0;
        tables += strncmp(statement.data, "CREATE TABLE IF NOT EXISTS `reviews_g1`.", 40) == 0;
    }
    cr_expect_eq(tables, 3);
    cr_expect_eq(views, 8);
    cr_expect_eq(version, rs_ch_schema_latest(rs_ch_built_in_schema()));
    rs_buffer_finish(&statement);
    rs_ch_view_finish(&view);
}
