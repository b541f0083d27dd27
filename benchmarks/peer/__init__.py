"""Programs that run under the interpreter of another project, to be measured beside ours."""
