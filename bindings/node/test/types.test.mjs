// The types: the programs of this folder that use them pass `tsc`, and between them they use every name and member that is declared.
import assert from 'node:assert/strict'
import { relative } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import * as vectlite from '../index.mjs'
import * as rerankers from '../rerankers/index.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CONFIG = fileURLToPath(new URL('tsconfig.json', import.meta.url))
const DECLARED = ['index.d.ts', 'rerankers/index.d.ts', 'langchain/index.d.mts'].map((name) => fileURLToPath(new URL(`../${name}`, import.meta.url)))

/** Of an export, itself; of a class or interface also its members, and of a type that is a literal those of it. */
function* declared(checker, symbol, path) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  yield [path, target]
  if (target.flags & ts.SymbolFlags.ValueModule) return
  for (const declaration of target.declarations ?? []) {
    for (const member of declaration.members ?? []) {
      const own = member.name === undefined ? undefined : checker.getSymbolAtLocation(member.name)
      // Those under symbols are used by `using`.
      if (own !== undefined && !own.name.startsWith('__@')) yield [`${path}.${own.name}`, own]
    }
  }
}

/** Members of a type of which all are compared: that of `expectTypeOf<Type>()`, and of the types that it is made of. */
function* compared(checker, node) {
  for (const symbol of checker.getTypeFromTypeNode(node).getProperties()) yield symbol
  for (const one of node.typeArguments ?? []) yield* compared(checker, one)
}

/** Every symbol that a program names: identifiers, keys of literals by the type that is expected of them, and patterns. */
function used(checker, files) {
  const symbols = new Set()
  const add = (symbol) => {
    if (symbol === undefined) return
    symbols.add(symbol)
    if (symbol.flags & ts.SymbolFlags.Alias) symbols.add(checker.getAliasedSymbol(symbol))
    // A member of a type that was made of another one, such as by `Omit`, is the member of that one.
    for (const declaration of symbol.declarations ?? []) if (declaration.name) symbols.add(checker.getSymbolAtLocation(declaration.name))
  }
  const visit = (node) => {
    if (ts.isIdentifier(node)) add(checker.getSymbolAtLocation(node))
    if (ts.isObjectLiteralExpression(node)) {
      const expected = checker.getContextualType(node)
      for (const { name } of node.properties) {
        if (expected === undefined || name === undefined) continue
        for (const type of expected.isUnion() ? expected.types : [expected]) add(checker.getPropertyOfType(type, name.text))
      }
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'expectTypeOf') {
      for (const type of node.typeArguments ?? []) for (const symbol of compared(checker, type)) add(symbol)
    }
    if (ts.isIndexedAccessTypeNode(node) && ts.isLiteralTypeNode(node.indexType)) {
      add(checker.getPropertyOfType(checker.getTypeFromTypeNode(node.objectType), node.indexType.literal.text))
    }
    if (ts.isBindingElement(node)) {
      add(checker.getPropertyOfType(checker.getTypeAtLocation(node.parent), (node.propertyName ?? node.name).text))
    }
    ts.forEachChild(node, visit)
  }
  files.forEach(visit)
  return symbols
}

const { config } = ts.readConfigFile(CONFIG, ts.sys.readFile)
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(new URL('.', import.meta.url)))
const program = ts.createProgram(fileNames, options)
const checker = program.getTypeChecker()

const exported = (file) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))

test('the types are right, and each is used', () => {
  // Types of other packages may want what is not here, such as those of Node.
  const ours = ts.getPreEmitDiagnostics(program).filter(({ file }) => !file?.fileName.includes('node_modules'))
  const problems = ours.map((problem) => ts.formatDiagnostic(problem, {
    getCanonicalFileName: (name) => name, getCurrentDirectory: () => '.', getNewLine: () => '\n'
  }))
  assert.deepEqual(problems, [])
  const symbols = used(checker, fileNames.map((name) => program.getSourceFile(name)))
  const unused = []
  let count = 0
  for (const file of DECLARED) {
    for (const symbol of exported(file)) {
      for (const [path, one] of declared(checker, symbol, symbol.name)) {
        count++
        if (!symbols.has(one)) unused.push(`${relative(ROOT, file)}: ${path}`)
      }
    }
  }
  assert.ok(count > 300, `${count} names`)
  assert.deepEqual([...new Set(unused)], [])
})

/** What a class has, with what stands above it as far as it is of the package. */
function members(type) {
  const own = type.getProperties().filter(({ valueDeclaration: at }) => at !== undefined && !/typescript/.test(at.getSourceFile().fileName))
  return own.map(({ name }) => name).filter((name) => !name.startsWith('__@'))
}

test('what is declared is there, and nothing else', () => {
  for (const [file, found] of [[DECLARED[0], vectlite], [DECLARED[1], rerankers]]) {
    const values = exported(file).map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
      .filter((symbol) => symbol.flags & ts.SymbolFlags.Value)
    const names = exported(file).filter((symbol, at) => values.includes(symbol) || symbol.flags & ts.SymbolFlags.Alias).map(({ name }) => name)
    assert.deepEqual(names.sort(), Object.keys(found).filter((name) => name !== 'default').sort())
    for (const symbol of values.filter(({ flags, name }) => flags & ts.SymbolFlags.Class && !name.endsWith('Error'))) {
      const { prototype } = found[symbol.name]
      const there = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor')
      const declaredThere = members(checker.getDeclaredTypeOfSymbol(symbol)).filter((name) => symbol.name !== 'Reranker' || name !== 'name')
      assert.deepEqual(declaredThere.sort(), there.sort(), symbol.name)
    }
  }
})
