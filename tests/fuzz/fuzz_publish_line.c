/* fuzz_publish_line - any bytes as a line of `reviewctl publish`: a record that lies within its
 * memory, or a reason; and indenting keeps every token. */
#include "../../reviewctl/json_out.c"
#include "../../reviewctl/line.c"

#include <assert.h>
#include <stdint.h>

static size_t visible(struct rs_bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += strchr(" \t\r\n", text.data[i]) == NULL || text.data[i] == '\0';
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct line_parser *parser;
    const struct rs_bytes text = {(const char *)data, size};
    struct line_record record = {0};
    struct rs_error reason = {{0}};
    struct rs_buffer out = {0};
    if (!parser)
        parser = line_parser_create();
    enum line_verdict verdict = line_parse(parser, text, &record, &reason);
    assert((verdict == LINE_BAD) == (reason.text[0] != '\0'));
    if (verdict == LINE_RECORD) {
        assert(record.header_count <= LINE_HEADERS);
        size_t sum = visible(record.key) + visible(record.value) + visible(record.place);
        for (size_t i = 0; i < record.header_count; i++)
            sum += strlen(record.headers[i].name) + visible(record.headers[i].value);
        assert(sum <= 6 * size + 64);
    }
    json_indent(text, &out);
    assert(visible((struct rs_bytes){out.data, out.len}) == visible(text));
    rs_buffer_finish(&out);
    return 0;
}
