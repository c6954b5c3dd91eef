#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# embed.sh SCRIPT: prints a C file with the script's lines.
set -eu

echo '/* Made by src/probes/embed.sh. */'
echo '#include "probes/format.h"'
echo 'const char *const record_script[] = {'
sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g; s/^/"/; s/$/\\n",/' "$1"
echo 'NULL};'
