import { program, runProgram } from './program.ts';
import { benchCommands } from './usage/bench.ts';
import { caseCommands } from './usage/cases.ts';
import { evidenceCommands } from './usage/evidence.ts';
import { workCommands } from './usage/work.ts';

benchCommands(program);
caseCommands(program);
workCommands(program);
evidenceCommands(program);
process.exitCode = await runProgram(process.argv);
