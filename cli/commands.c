#include "cli/commands.h"

const struct command commands[] = {
    {"init", "Write a small project that checks and runs as it is", cli_init},
    {"check", "Check a spec: syntax, names, types, policy", cli_check},
    {"diff", "Say what a change of a spec means: which policy is looser or tighter", cli_diff},
    {"fix", "Apply the fixes that need no judgement", cli_fix},
    {"fmt", "Format specs", cli_fmt},
    {"build", "Write the files that the targets ask for", cli_build},
    {"graph", "Draw what a spec means: dot, mermaid or JSON", cli_graph},
    {"ir", "Print the graph as versioned JSON", cli_ir},
    {"explain", "Explain a diagnostic, a kind, a measure, a type or a function", cli_explain},
    {"run", "Run the graph here: checks, tests, steps, gates, registration", cli_run},
    {"data", "Profile, check and compare data files, without a spec", cli_data},
    {"history", "List the versions that gates have judged", cli_history},
    {"report", "Tell a model's last run: text, Markdown, JSON, HTML", cli_report},
    {"audit", "Tell who promoted, deployed and rolled back what", cli_audit},
    {"verify", "Prove that files, store and lock agree", cli_verify},
    {"fetch", "Bring the champion's artifact into a folder", cli_fetch},
    {"promote", "Make a version the champion, or images what an environment runs, by commit", cli_promote},
    {"rollback", "Restore the earlier line of the lock, by commit", cli_rollback},
    {"capture", "Pass requests on to a service and keep a sample of them", cli_capture},
    {"plan", "Say what would change on a cluster", cli_plan},
    {"apply", "Change it, wait, and prune", cli_apply},
    {"status", "Say how what was applied is: health and drift", cli_status},
    {"destroy", "Delete what was applied", cli_destroy},
};

const size_t command_count = sizeof commands / sizeof commands[0];
