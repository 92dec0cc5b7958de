// Says what Microsoft's schema has against a Teams manifest: the file that is named.
import { readFileSync } from 'node:fs';
import { AppManifestUtils, TeamsManifestConverter } from '@microsoft/app-manifest';

const manifest = TeamsManifestConverter.jsonToManifest(readFileSync(process.argv[2], 'utf8'));
const findings = await AppManifestUtils.validateAgainstSchema(manifest);
for (const finding of findings) console.error(finding);
process.exitCode = findings.length ? 1 : 0;
