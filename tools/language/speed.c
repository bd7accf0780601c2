/* speed - how many reviews a second one core analyses, without JSON.
 *
 *     language_speed MODEL < texts      a text is its length, ':' and the bytes; title, text, … */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "language/analysis.h"
#include "language/model.h"

static struct rs_bytes read_all(FILE *file)
{
    struct rs_buffer data = {0};
    char chunk[65536];
    for (size_t got; file && (got = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        rs_buffer_add(&data, chunk, got);
    return (struct rs_bytes){data.data, data.len};
}

static bool next_text(struct rs_bytes *input, struct rs_bytes *ret)
{
    char *end;
    if (input->len == 0)
        return false;
    size_t len = strtoul(input->data, &end, 10);
    ret->data = end + 1;
    ret->len = len;
    size_t used = (size_t)(end + 1 - input->data) + len;
    input->data += used;
    input->len = input->len > used ? input->len - used : 0;
    return true;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rs_error error = {"usage: language_speed MODEL < texts"};
    FILE *opened = argc == 2 ? fopen(argv[1], "rb") : NULL;
    struct rs_bytes file = read_all(opened), input = read_all(stdin), rest = input;
    struct rs_model *model = file.data ? rs_model_read(file, &error) : NULL;
    struct rs_analyser *analyser = model ? rs_analyser_create(model) : NULL;
    struct rs_review_text review = {0};
    static struct rs_analysis analysis;
    size_t count = 0, bytes = 0;
    (void)mallopt(M_TRIM_THRESHOLD, 16 << 20); /* as programs do that detect languages */
    double start = now();
    while (analyser && next_text(&rest, &review.title) && next_text(&rest, &review.text)) {
        if (!rs_analyse(analyser, &review, &analysis))
            break;
        count++;
        bytes += review.title.len + review.text.len;
    }
    double seconds = now() - start;
    if (analyser)
        (void)printf("%.0f reviews/s, %.1f MB/s\n", (double)count / seconds,
                     (double)bytes / seconds / 1e6);
    else
        (void)fprintf(stderr, "language_speed: %s\n", error.text);
    if (opened)
        (void)fclose(opened);
    rs_analyser_destroy(analyser);
    rs_model_destroy(model);
    free((char *)file.data);
    free((char *)input.data);
    return analyser ? 0 : 2;
}
