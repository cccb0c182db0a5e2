// The checked-in schema, read by graphql-js: it parses, it is valid, and it explains itself.

import { readFileSync } from 'node:fs';

import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  validateSchema,
} from 'graphql';

const path = process.argv[2] ?? '../../schema.graphql';
const schema = buildSchema(readFileSync(path, 'utf8'));

/** All that can be described, by its coordinate. */
function* described() {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) {
      continue;
    }
    yield [type.name, type];
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        yield [`${type.name}.${field.name}`, field];
        for (const argument of field.args) {
          yield [`${type.name}.${field.name}(${argument.name}:)`, argument];
        }
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        yield [`${type.name}.${field.name}`, field];
      }
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) {
        yield [`${type.name}.${value.name}`, value];
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    if (isSpecifiedDirective(directive)) {
      continue;
    }
    yield [`@${directive.name}`, directive];
    for (const argument of directive.args) {
      yield [`@${directive.name}(${argument.name}:)`, argument];
    }
  }
}

const faults = validateSchema(schema).map((error) => error.message);
let count = 0;
for (const [coordinate, element] of described()) {
  count += 1;
  if (!element.description?.trim()) {
    faults.push(`${coordinate} has no description`);
  }
}

for (const fault of faults) {
  console.log(`schema: ${fault}`);
}
console.log(`schema: ${count} elements, ${faults.length} faults`);
if (faults.length > 0) {
  process.exitCode = 1;
}
