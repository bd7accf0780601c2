#include "support/body.h"

#include <string.h>

#include "core/bytes.h"

static const struct {
    const char *name, *json;
} members[] = {
    {"reviewId", "\"r-1\""},
    {"version", "3"},
    {"productId", "\"hotel-9\""},
    {"productName", "\"" BODY_TEXT "\""},
    {"status", "\"published\""},
    {"locale", "\"en\""},
    {"submittedAt", "\"2026-01-31T09:30:00Z\""},
    {"author", "{\"id\":\"a-7\",\"country\":\"FR\"}"},
    {"tripType", "\"family\""},
    {"ratings", "{\"overall\":4,\"cleanliness\":5}"},
    {"title", "\"" BODY_TEXT "\""},
    {"text", "\"" BODY_TEXT "\""},
    {"source", "\"site\""},
};

char *body_with(const char *member, const char *json)
{
    struct rs_buffer out = {0};
    bool known = false;
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        bool other = member && strcmp(members[i].name, member) == 0;
        known |= other;
        if (!other || json)
            rs_buffer_printf(&out, "%s\"%s\":%s", out.len ? "," : "{", members[i].name,
                             other ? json : members[i].json);
    }
    if (member && !known)
        rs_buffer_printf(&out, ",\"%s\":%s", member, json);
    rs_buffer_add_text(&out, "}");
    return rs_buffer_take(&out, NULL);
}
