/* Writes a C file that holds the given files as byte arrays, sorted as given:
 *   embed OUT.c FILE... */
#include <stdio.h>
#include <stdlib.h>

static int embed_one(FILE *out, const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return -1;
    }
    fprintf(out, "static const char file_%d[] = {", index);
    int c, count = 0;
    for (; (c = getc(in)) != EOF; count++)
        fprintf(out, "%s%d,", count % 24 == 0 ? "\n" : "", (signed char)c);
    fprintf(out, "0};\n");
    fclose(in);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: embed OUT.c FILE...\n");
        return 64;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "#include \"compiler/embedded.h\"\n");
    for (int i = 2; i < argc; i++)
        if (embed_one(out, argv[i], i) != 0) {
            fclose(out);
            remove(argv[1]);
            return 1;
        }
    fprintf(out, "const struct embedded_file embedded_files[] = {\n");
    for (int i = 2; i < argc; i++)
        fprintf(out, "    {\"%s\", file_%d, sizeof file_%d - 1},\n", argv[i], i, i);
    fprintf(out, "    {0, 0, 0}\n};\nconst unsigned embedded_file_count = %d;\n", argc - 2);
    return fclose(out) == 0 ? 0 : 1;
}
