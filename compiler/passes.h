#ifndef MLC_COMPILER_PASSES_H
#define MLC_COMPILER_PASSES_H

/* The passes behind `declare` (declarations.h), each in its own file; compilation.h has the table. */

struct compilation;

/* Nodes from the project's blocks: expands `for`, `if`, components and `like`; makes instances of
 * environments. */
void pass_build(struct compilation *compilation);

/* Names, attributes and types of the project's own text: check_project.c. */
void pass_check(struct compilation *compilation);

/* Every attribute of every node; edges, hashes. */
void pass_evaluate(struct compilation *compilation);

/* What must hold of the graph: checks of kinds, policies, cycles, gates. */
void pass_verify(struct compilation *compilation);

#endif
