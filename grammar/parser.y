/* The grammar. It knows no kind: `NAME expr (clause)* block?` is every statement and declaration. Actions
 * build the tree (build.h) and nothing else; what cannot be said in LALR(1) is decided by the filter
 * (filter.h) or checked on the tree (check.h).
 *
 * Binary operators have precedences, since one nonterminal a tier costs a quarter of the speed; a golden
 * tree for each pair of operators (tests/golden/grammar) shows that no conflict hides behind them.
 * Only the accepting state has a default reduction: after `item: error` a default one would pop the items
 * before it, and lists of expected tokens would be too long. */

%require "3.8"
%expect 0
%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define parse.error custom
%define lr.default-reduction accepting
%locations
%param {struct parse *parse}

%code requires {
#include "grammar/build.h"
}

%union {
    struct ast_expr *expr;
    struct ast_item *item;         /* in lists: the last one, whose `next` is the first */
    struct ast_block *block;
    struct ast_argument *argument; /* as items */
    struct ast_binder *binder;     /* as items */
    struct ast_element *element;   /* as items */
    struct ast_clause *clause;     /* as items */
    struct ast_piece *piece;       /* as items */
    struct ast_name *name;
}

%code {
#include "grammar/parse_state.h"
#include "grammar/syntax_errors.h"

static void grammar_error(struct span *span, struct parse *parse, const char *message);

#define YYLLOC_DEFAULT(Current, Rhs, N) (Current) = build_location((Rhs), (N))

static struct span build_location(const struct span *rhs, int count)
{
    if (count == 0) {
        return (struct span){rhs[0].source, rhs[0].end, rhs[0].end};
    }
    return (struct span){rhs[1].source, rhs[1].start, rhs[count].end};
}

static int grammar_lex(union GRAMMAR_STYPE *value, struct span *span, struct parse *parse)
{
    (void)value;
    return filter_next(parse->filter, span);
}
}

%token END 0
%token NAME NUM STRING STR_HEAD STR_MID STR_TAIL TRUE FALSE NULL INVALID
%token IF THEN ELSE FOR FORALL ANY WHERE WHEN
%token ASSIGN COLON OPT_COLON SPREAD COMMA BCOMMA ELSE_COMMA NEWLINE
%token LBRACE RBRACE LPAREN RPAREN LBRACKET RBRACKET CALLP INDEX
%token DOT OPT_DOT QUESTION

%left OR
%left AND
%precedence NOT
%left OVER FOR
%left EQ NE LT LE GT GE IN NOT_IN
%left COALESCE
%left PIPE
%left MERGE
%nonassoc RANGE
%left PLUS MINUS
%left STAR SLASH
%precedence UMINUS

%type <expr> expr or post prim string type default where value
%type <item> items item if_item otherwise
%type <block> body block
%type <argument> args arg_list arg actions
%type <binder> binders binder
%type <element> elems elem_list elem
%type <clause> clauses clause
%type <piece> holes

%%

file: body { parse->body = $1; }

body: %empty     { $$ = build_block(parse, NULL, @$); }
    | items      { $$ = build_block(parse, $1, @$); }
    | items sep  { $$ = build_block(parse, $1, @$); }

items: item           { $$ = build_append_item(NULL, $1); }
     | items sep item { $$ = build_append_item($1, $3); }

sep: NEWLINE { yyerrok; }
   | BCOMMA  { yyerrok; }

block: LBRACE body RBRACE { yyerrok; $$ = build_braces($2, @$); }

item: NAME ASSIGN expr                        { $$ = build_assign(parse, @$, @1, NULL, @2, $3); }
    | string ASSIGN expr                      { $$ = build_assign(parse, @$, @1, $1, @2, $3); }
    | NAME COLON expr default value           { $$ = build_entry(parse, @$, @1, NULL, @2, $3, $4, $5); }
    | string COLON expr default value         { $$ = build_entry(parse, @$, @1, $1, @2, $3, $4, $5); }
    | NAME OPT_COLON expr                     { $$ = build_optional(parse, @$, @1, NULL, @2, $3); }
    | string OPT_COLON expr                   { $$ = build_optional(parse, @$, @1, $1, @2, $3); }
    | SPREAD expr                             { $$ = build_spread_item(parse, @$, @1, $2); }
    | NAME expr type default clauses value    { $$ = build_statement(parse, @$, @1, $2, $3, $4, $5, $6); }
    | expr clauses                            { $$ = build_value_item(parse, @$, $1, $2); }
    | FOR binders where block                 { $$ = build_for_item(parse, @$, $2, $3, $4); }
    | if_item                                 { $$ = $1; }
    | error                                   { $$ = build_error_item(parse, @$, NULL); }
    | error block                             { $$ = build_error_item(parse, @$, $2); }

if_item: IF expr block otherwise { $$ = build_if_item(parse, @$, $2, $3, $4); }

otherwise: %empty        { $$ = NULL; }
         | ELSE block    { $$ = build_else_item(parse, @$, $2); }
         | ELSE if_item  { $$ = $2; }

type: %empty     { $$ = NULL; }
    | COLON expr { $$ = $2; }

default: %empty      { $$ = NULL; }
       | ASSIGN expr { $$ = $2; }

/* An optional block. */
value: %empty { $$ = NULL; }
     | block  { $$ = build_block_expr(parse, $1, @1); }

where: %empty     { $$ = NULL; }
     | WHERE expr { $$ = $2; }

clauses: %empty         { $$ = NULL; }
       | clauses clause { $$ = build_append_clause($1, $2); }

clause: ELSE expr actions { $$ = build_clause(parse, AST_CLAUSE_ELSE, @$, $2, $3); }
      | WHEN expr         { $$ = build_clause(parse, AST_CLAUSE_WHEN, @$, $2, NULL); }

actions: %empty                  { $$ = NULL; }
       | actions ELSE_COMMA expr { $$ = build_append_argument($1, build_argument(parse, @3, $3)); }

binders: binder               { $$ = build_append_binder(NULL, $1); }
       | binders comma binder { $$ = build_append_binder($1, $3); }

comma: COMMA | BCOMMA

binder: NAME IN or            { $$ = build_binder(parse, @1, span_none, $3); }
      | NAME comma NAME IN or { $$ = build_binder(parse, @1, @3, $5); }

expr: or                                { $$ = $1; }
    | IF expr THEN expr ELSE expr       { $$ = build_if(parse, @$, $2, $4, $6); }
    | FORALL binders where COLON expr   { $$ = build_forall(parse, @$, $2, $3, $5, false); }
    | ANY binders where COLON expr      { $$ = build_forall(parse, @$, $2, $3, $5, true); }

or: post
  | NOT or            { $$ = build_unary(parse, AST_OP_NOT, @$, @1, $2); }
  | UMINUS or         { $$ = build_unary(parse, AST_OP_MINUS, @$, @1, $2); }
  | or OR or          { $$ = build_binary(parse, AST_OP_OR, @$, @2, $1, $3); }
  | or AND or         { $$ = build_binary(parse, AST_OP_AND, @$, @2, $1, $3); }
  | or FOR or         { $$ = build_binary(parse, AST_OP_HOLDS, @$, @2, $1, $3); }
  | or OVER or        { $$ = build_binary(parse, AST_OP_OVER, @$, @2, $1, $3); }
  | or EQ or          { $$ = build_binary(parse, AST_OP_EQ, @$, @2, $1, $3); }
  | or NE or          { $$ = build_binary(parse, AST_OP_NE, @$, @2, $1, $3); }
  | or LT or          { $$ = build_binary(parse, AST_OP_LT, @$, @2, $1, $3); }
  | or LE or          { $$ = build_binary(parse, AST_OP_LE, @$, @2, $1, $3); }
  | or GT or          { $$ = build_binary(parse, AST_OP_GT, @$, @2, $1, $3); }
  | or GE or          { $$ = build_binary(parse, AST_OP_GE, @$, @2, $1, $3); }
  | or IN or          { $$ = build_binary(parse, AST_OP_IN, @$, @2, $1, $3); }
  | or NOT_IN or      { $$ = build_binary(parse, AST_OP_NOT_IN, @$, @2, $1, $3); }
  | or COALESCE or    { $$ = build_binary(parse, AST_OP_COALESCE, @$, @2, $1, $3); }
  | or PIPE or        { $$ = build_binary(parse, AST_OP_PIPE, @$, @2, $1, $3); }
  | or MERGE or       { $$ = build_binary(parse, AST_OP_MERGE, @$, @2, $1, $3); }
  | or RANGE or       { $$ = build_binary(parse, AST_OP_RANGE, @$, @2, $1, $3); }
  | or PLUS or        { $$ = build_binary(parse, AST_OP_ADD, @$, @2, $1, $3); }
  | or MINUS or       { $$ = build_binary(parse, AST_OP_SUB, @$, @2, $1, $3); }
  | or STAR or        { $$ = build_binary(parse, AST_OP_MUL, @$, @2, $1, $3); }
  | or SLASH or       { $$ = build_binary(parse, AST_OP_DIV, @$, @2, $1, $3); }

post: prim
    | post DOT NAME             { $$ = build_field(parse, @$, $1, @2, @3, false); }
    | post OPT_DOT NAME         { $$ = build_field(parse, @$, $1, @2, @3, true); }
    | post CALLP args RPAREN    { $$ = build_call(parse, @$, $1, @2, $3); }
    | post INDEX expr RBRACKET  { $$ = build_index(parse, @$, $1, @2, $3); }
    | post QUESTION             { $$ = build_optional_type(parse, @$, $1, @2); }

prim: NAME                      { $$ = build_name_expr(parse, @$); }
    | string
    | NUM                       { $$ = build_number(parse, @$); }
    | TRUE                      { $$ = build_literal(parse, AST_TRUE, @$); }
    | FALSE                     { $$ = build_literal(parse, AST_FALSE, @$); }
    | NULL                      { $$ = build_literal(parse, AST_NULL, @$); }
    | INVALID                   { $$ = build_literal(parse, AST_INVALID, @$); }
    | LPAREN expr RPAREN        { $$ = build_paren(parse, @$, $2); }
    | LBRACKET elems RBRACKET   { $$ = build_list(parse, @$, $2); }
    | block                     { $$ = build_block_expr(parse, $1, @$); }

string: STRING                        { $$ = build_string(parse, @$); }
      | STR_HEAD holes STR_TAIL       { $$ = build_template(parse, @$, @1, $2, @3); }

holes: expr               { $$ = build_first_hole(parse, $1, @1); }
     | holes STR_MID expr { $$ = build_next_hole(parse, $1, @2, $3, @3); }

args: %empty            { $$ = NULL; }
    | arg_list
    | arg_list COMMA

arg_list: arg                 { $$ = build_append_argument(NULL, $1); }
        | arg_list COMMA arg  { $$ = build_append_argument($1, $3); }

arg: expr                     { $$ = build_argument(parse, @$, $1); }
   | NAME COLON expr          { $$ = build_named_argument(parse, @$, @1, $3, NULL); }
   | NAME COLON expr ASSIGN expr { $$ = build_named_argument(parse, @$, @1, $3, $5); }
   | NAME ASSIGN expr         { $$ = build_assigned_argument(parse, @$, @1, @2, $3); }
   | NAME OPT_COLON expr      { $$ = build_optional_argument(parse, @$, @1, $3); }
   | SPREAD expr              { $$ = build_spread_argument(parse, @$, $2); }

elems: %empty           { $$ = NULL; }
     | elem_list
     | elem_list COMMA

elem_list: elem                  { $$ = build_append_element(NULL, $1); }
         | elem_list COMMA elem  { $$ = build_append_element($1, $3); }

elem: expr                           { $$ = build_element(parse, AST_ELEMENT_VALUE, @$, $1); }
    | SPREAD expr                    { $$ = build_element(parse, AST_ELEMENT_SPREAD, @$, $2); }
    | FOR binders where COLON elem   { $$ = build_for_element(parse, @$, $2, $3, $5); }
    | IF expr COLON elem             { $$ = build_if_element(parse, @$, $2, $4); }

%%

/* Called for what is no syntax error: the parser's stack is exhausted, since memory is mlc's own matter. */
static void grammar_error(struct span *span, struct parse *parse, const char *message)
{
    (void)message;
    syntax_report_depth(parse, *span);
}

/* True if the parser, with the states up to `top`, could shift `token` after the reductions that it brings.
 * The tables alone say too much: look-aheads are merged over all places of a rule. (bison's own exploration,
 * LAC, would find errors before a `}` is reduced, and then mend inside its block.) */
static bool can_take(const yy_state_t *top, yysymbol_kind_t token)
{
    enum { MOST = 64 };
    yy_state_t made[MOST]; /* states above `top` that the reductions made */
    int count = 0;
    while (count < MOST) {
        int state = count > 0 ? made[count - 1] : *top;
        int rule = 0;
        int at = yypact[state];
        if (!yypact_value_is_default(at) && at + token >= 0 && at + token <= YYLAST &&
            yycheck[at + token] == (int)token) {
            int action = yytable[at + token];
            if (action > 0) {
                return true;
            }
            rule = -action;
        } else {
            rule = yydefact[state];
        }
        if (rule == 0) {
            return false;
        }
        int length = yyr2[rule];
        int popped = length < count ? length : count;
        count -= popped;
        top -= length - popped;
        int below = count > 0 ? made[count - 1] : *top;
        int left = yyr1[rule] - YYNTOKENS;
        int next = yypgoto[left] + below;
        bool listed = next >= 0 && next <= YYLAST && yycheck[next] == below;
        made[count++] = (yy_state_t)(listed ? yytable[next] : yydefgoto[left]);
    }
    return false;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parse *parse)
{
    struct expected expected = {0};
    for (int token = TOK_NAME; token <= TOK_UMINUS; token++) {
        expected.token[token - TOK_NAME] = can_take(context->yyssp, YYTRANSLATE(token));
    }
    syntax_report(parse, &expected);
    filter_recover(parse->filter);
    return 0;
}
