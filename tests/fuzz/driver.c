/* Runs a target where there is no libFuzzer: DRIVER SECONDS EXECUTIONS SEED FILE..., random changes of the files until either is reached.
   What fails is left in the file `failing-input`; DRIVER 0 0 0 FILE runs it again. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_BYTES = 1 << 15, MOST_FILES = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) __attribute__((weak));
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static uint64_t state = 1;
static uint8_t *inputs[MOST_FILES], *current;
static size_t sizes[MOST_FILES], n_inputs, current_size;

static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit ? (size_t)(state >> 11) % limit : 0;
}

static void save(void)
{
    FILE *file = current ? fopen("failing-input", "wb") : NULL;
    if (file != NULL) {
        fwrite(current, 1, current_size, file);
        fclose(file);
    }
}

static void on_abort(int number)
{
    save();
    signal(number, SIG_DFL);
    raise(number);
}

/* Puts some bytes in at a place; gives back the new size. */
static size_t insert(uint8_t *data, size_t size, size_t most, const uint8_t *from, size_t n)
{
    size_t at = below(size + 1);
    if (n > most - size)
        n = most - size;
    memmove(data + at + n, data + at, size - at);
    memcpy(data + at, from, n);
    return size + n;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    static uint8_t some[MOST_BYTES];
    size_t from = below(size), n = 1 + below(below(8) ? 16 : 1024);
    n = n > size - from ? size - from : n;
    if (n)
        memcpy(some, data + from, n);
    size_t other = below(n_inputs), start = below(sizes[other]);
    switch (size ? below(6) : 5) {
    case 0:
        data[from] ^= (uint8_t)(1 << below(8));
        return size;
    case 1:
        data[from] = (uint8_t)below(256);
        return size;
    case 2:
        memmove(data + from, data + from + n, size - from - n);
        return size - n;
    case 3:
        return insert(data, size, most, some, n);
    case 4:
        for (size_t times = 1 + below(below(64) ? 4 : 2000); times && size < most; times--)
            size = insert(data, size, most, some, n < 8 ? n : 8);
        return size;
    default:
        n = 1 + below(256);
        return insert(data, size, most, inputs[other] + start, n < sizes[other] - start ? n : sizes[other] - start);
    }
}

static void run(const uint8_t *data, size_t size)
{
    current = malloc(size + !size); /* of exactly its size */
    current_size = size;
    memcpy(current, data, size);
    LLVMFuzzerTestOneInput(current, size);
    free(current);
    current = NULL;
}

static void load(const char *path)
{
    static uint8_t bytes[MOST_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL || n_inputs == MOST_FILES) {
        fprintf(stderr, "%s: not found, or more than %d files\n", path, MOST_FILES);
        exit(2);
    }
    sizes[n_inputs] = fread(bytes, 1, sizeof bytes, file);
    inputs[n_inputs] = malloc(sizes[n_inputs] + 1);
    memcpy(inputs[n_inputs], bytes, sizes[n_inputs]);
    n_inputs++;
    fclose(file);
}

int main(int argc, char **argv)
{
    static uint8_t data[MOST_BYTES];
    if (argc < 5)
        return fprintf(stderr, "expected SECONDS EXECUTIONS SEED FILE...\n"), 2;
    time_t end = time(NULL) + atoi(argv[1]);
    long most = atol(argv[2]), done = 0;
    state += strtoull(argv[3], NULL, 10) * 0x9E3779B97F4A7C15u;
    signal(SIGABRT, on_abort);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(save);
    for (int i = 4; i < argc; i++)
        load(argv[i]);
    for (size_t i = 0; i < n_inputs; i++, done++)
        run(inputs[i], sizes[i]);
    for (; done < most && (done % 64 || time(NULL) < end); done++) {
        size_t which = below(n_inputs), size = sizes[which];
        memcpy(data, inputs[which], size);
        for (size_t times = 1 + below(4); times; times--)
            size = LLVMFuzzerCustomMutator ? LLVMFuzzerCustomMutator(data, size, sizeof data, (unsigned)below(1u << 31))
                                           : LLVMFuzzerMutate(data, size, sizeof data);
        run(data, size);
    }
    printf("%ld executions\n", done);
    return 0;
}
