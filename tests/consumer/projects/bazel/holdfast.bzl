"""The repository @holdfast: its headers and compiled part, with the Python that holdfast chooses."""

BUILD = """
cc_library(
    name = "holdfast",
    srcs = ["holdfast/holdfast/compiled.cpp"],
    hdrs = glob(["holdfast/**", "python*/**"], exclude = ["**/*.cpp"]),
    includes = {includes},
    defines = ["HOLDFAST_COMPILED"],
    local_defines = ['HOLDFAST_DEFAULT_PYTHON=\\\\"{python}\\\\"'],
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _holdfast_repository(context):
    asked = context.execute([context.which("holdfast"), "config", "--json"])
    if asked.return_code:
        fail(asked.stderr)
    facts = json.decode(asked.stdout)
    includes = ["holdfast"]
    context.symlink(facts["include-dir"], "holdfast")
    for number, folder in enumerate(facts["build"]["include_dirs"]):
        includes.append("python%d" % number)
        context.symlink(folder, includes[-1])
    context.file("BUILD.bazel", BUILD.format(
        includes = repr(includes),
        python = facts["python"],
        linkopts = repr([facts["ldflags"]]),  # Bazel splits it as a shell does
    ))

holdfast_repository = repository_rule(
    implementation = _holdfast_repository,
    environ = ["HOLDFAST_PYTHON", "PATH", "VIRTUAL_ENV"],
    local = True,
)
