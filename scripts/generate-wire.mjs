// Regenerates packages/wire/src/generated (or the folder given) from proto/. Needs protoc on the path.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tool = join(root, 'tools/proto');
const out = process.argv[2] ?? join(root, 'packages/wire/src/generated');
const options = [
  'outputServices=grpc-js',
  'esModuleInterop=true',
  'env=node',
  'useOptionals=messages',
  'forceLong=number',
  'oneof=unions-value',
  'enumsAsLiterals=true',
  'importSuffix=.ts',
  'useDate=false',
  'outputJsonMethods=false',
  'outputPartialMethods=false',
].join(',');

execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], { cwd: tool, stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const files = globSync('proto/**/*.proto', { cwd: root }).sort();
execFileSync(
  'protoc',
  [
    `--plugin=protoc-gen-ts_proto=${join(tool, 'node_modules/.bin/protoc-gen-ts_proto')}`,
    `--ts_proto_out=${out}`,
    `--ts_proto_opt=${options}`,
    `-I${join(root, 'proto')}`,
    ...files.map((file) => join(root, file)),
  ],
  { stdio: 'inherit' },
);
