package templates

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

const (
	// maxExprNodes limits the size of one expression, and maxExprMemory what one evaluation may allocate, in the
	// units of expr (elements of lists and maps, bytes of text that repeat makes).
	maxExprNodes  = 1000
	maxExprMemory = 100_000
)

// functions are the functions of expr that expressions may call. Those that read the clock or the machine's time zones
// are left out, so that a manifest renders the same at any time and in any place.
var functions = []string{
	"abs", "all", "any", "ceil", "concat", "count", "filter", "find", "findIndex", "findLast",
	"findLastIndex", "first", "flatten", "float", "floor", "fromBase64", "fromJSON", "fromPairs", "get", "groupBy",
	"hasPrefix", "hasSuffix", "indexOf", "int", "join", "keys", "last", "lastIndexOf", "len", "lower", "map", "max",
	"mean", "median", "min", "none", "one", "reduce", "repeat", "replace", "reverse", "round", "sort", "sortBy",
	"split", "splitAfter", "string", "sum", "take", "toBase64", "toJSON", "toPairs", "trim", "trimPrefix",
	"trimSuffix", "uniq", "upper", "values",
}

// An expression is one expression of the manifest, compiled once and evaluated for each site.
type expression struct {
	program *vm.Program
	refs    []reference
	secret  bool // calls env, file or secret
	// at returns the place in the manifest of a character of the expression.
	at func(char int) location
}

// A reference is a name that an expression needs: the path of a var, or of site or published.
type reference struct {
	path []string
	at   location
}

func (r reference) String() string { return strings.Join(r.path, ".") }

// compiler makes expressions.
type compiler struct {
	options []expr.Option
}

func newCompiler() *compiler {
	options := []expr.Option{
		expr.MaxNodes(maxExprNodes),
		expr.Optimize(false), // the tree stays as it was written, and an expression runs too seldom to gain
		expr.DisableAllBuiltins(),
		expr.Env(map[string]any{"env": readerType(nil), "file": readerType(nil), "secret": readerType(nil)}),
		expr.AllowUndefinedVariables(),
	}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	return &compiler{options}
}

// readerType is what expressions take env, file and secret for when they are compiled.
type readerType func(name string) (string, error)

// withReaders returns names with the functions env, file and secret, which remember for the site what they return. An expression
// finds them there, and not in itself, because it is one for all sites.
func withReaders(names map[string]any, s *Site) map[string]any {
	out := maps.Clone(names)
	for name, read := range map[string]func(string) (string, error){"env": s.reader.env, "file": s.reader.file, "secret": s.reader.secret} {
		out[name] = func(arg any) (string, error) { // whose type is not known before it runs
			name, ok := arg.(string)
			if !ok {
				return "", &readError{fmt.Errorf("the name must be text, not %s", kindOf(arg))}
			}
			text, err := read(name)
			if err != nil {
				return "", &readError{err}
			}
			s.secrets.remember(text)
			return text, nil
		}
	}
	return out
}

// A readError says why env, file or secret returns nothing.
type readError struct{ error }

// compile compiles one expression.
func (c *compiler) compile(text string, at func(char int) location) (*expression, Problems) {
	if strings.TrimSpace(text) == "" {
		return nil, Problems{at(0).problem("", "an empty expression")}
	}
	program, err := expr.Compile(text, c.options...)
	if err != nil {
		return nil, Problems{exprProblem(err, at)}
	}
	e := &expression{program: program, at: at}
	w := refWalker{expression: e}
	w.walk(program.Node())
	return e, w.found
}

// operatorHints are for operators that people know from formulas and SQL.
var operatorHints = map[string]string{
	`unexpected token Operator("=")`: "== compares",
}

// exprProblem returns an error of expr at its place in the manifest, without the excerpt that expr adds.
func exprProblem(err error, at func(char int) location) *Problem {
	if fe, ok := errors.AsType[*file.Error](err); ok {
		return at(fe.From).problem(operatorHints[fe.Message], "%s", fe.Message)
	}
	return at(0).problem("", "%v", err)
}

// eval evaluates the expression for a site, over names. What fails with a secret is not told in detail, because the detail
// may be a part of the secret.
func (e *expression) eval(names map[string]any, s *Site) (any, *Problem) {
	if e.secret {
		names = withReaders(names, s)
	}
	machine := vm.VM{MemoryBudget: maxExprMemory}
	out, err := machine.Run(e.program, names)
	if err != nil {
		problem := exprProblem(err, e.at)
		if _, ok := errors.AsType[*readError](err); e.secret && !ok {
			problem.Message = "this fails with the secret that the expression reads"
		}
		return nil, problem
	}
	if e.secret {
		s.keep(out)
	}
	return out, nil
}

// missing returns a problem for every name of the expression that a site does not have.
func (e *expression) missing(names map[string]any) Problems {
	var found Problems
	for _, ref := range e.refs {
		level := names
		for i, name := range ref.path {
			next, ok := level[name]
			if !ok {
				found = append(found, ref.undefined(i, level))
				break
			}
			if next == (leftOut{}) {
				found = append(found, ref.at.problem(
					fmt.Sprintf("give this edit or its template a `when` that leaves it out as well, or change that of %q", name),
					"%s: the `when` of template %q leaves it out", ref, name))
				break
			}
			if level, ok = next.(map[string]any); !ok {
				if i+1 < len(ref.path) {
					found = append(found, ref.at.problem("", "%q has no %q: it is %s",
						strings.Join(ref.path[:i+1], "."), ref.path[i+1], kindOf(next)))
				}
				break
			}
		}
	}
	return found
}

// leftOut is what a template is among the names of a site that its `when` leaves it out of.
type leftOut struct{}

func (r reference) undefined(i int, level map[string]any) *Problem {
	prefix := ""
	if i > 0 {
		prefix = strings.Join(r.path[:i], ".") + "."
	}
	var known []string
	for name := range level {
		if prefix+name != "published" { // which expression checks
			known = append(known, prefix+name)
		}
	}
	name := strings.Join(r.path[:i+1], ".")
	what := "var"
	if i > 0 && slices.Contains(reserved, r.path[0]) {
		what = "name" // of site or published
	}
	return r.at.problem(suggest(name, known), "undefined %s %q", what, name)
}

// refWalker gathers the names that an expression refers to.
type refWalker struct {
	*expression
	locals []string // names that `let` gives
	found  Problems
}

// walk follows the tree from the top, so that a chain like db.server is one reference.
func (w *refWalker) walk(node ast.Node) {
	switch n := node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		w.reference(n)
	case *ast.CallNode:
		w.call(n)
	case *ast.VariableDeclaratorNode:
		w.walk(n.Value)
		w.locals = append(w.locals, n.Name)
		w.walk(n.Expr)
		w.locals = w.locals[:len(w.locals)-1]
	default:
		for _, child := range children(node) {
			w.walk(child)
		}
	}
}

// children returns the parts of the nodes that neither name anything nor call anything.
func children(node ast.Node) []ast.Node {
	switch n := node.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.SliceNode:
		return []ast.Node{n.Node, n.From, n.To}
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// call looks at a call. All functions of expr are other nodes, so that this is env, file, secret, a method or a mistake.
func (w *refWalker) call(n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		switch callee.Value {
		case "env", "file", "secret":
			w.secret = true
		default:
			known := append([]string{"env", "file", "secret"}, functions...)
			w.found = append(w.found, w.place(callee).problem(suggest(callee.Value, known), "unknown function %q", callee.Value))
		}
	case *ast.MemberNode:
		w.found = append(w.found, w.place(callee).problem("", "values have no methods to call"))
	default:
		w.walk(callee)
	}
	for _, arg := range n.Arguments {
		w.walk(arg)
	}
}

func (w *refWalker) place(n ast.Node) location { return w.at(n.Location().From) }

// reference records a chain of names. What follows `?.` may be missing, and what follows `[x]` is not known before the
// expression runs: the reference ends there.
func (w *refWalker) reference(node ast.Node) {
	var path []string
	for {
		switch n := node.(type) {
		case *ast.IdentifierNode:
			if !slices.Contains(w.locals, n.Value) {
				path = append(path, n.Value)
				slices.Reverse(path)
				w.refs = append(w.refs, reference{path, w.place(n)})
			}
			return
		case *ast.MemberNode:
			name, static := n.Property.(*ast.StringNode)
			switch {
			case !static:
				path = nil
				w.walk(n.Property)
			case n.Optional:
				path = nil
			default:
				path = append(path, name.Value)
			}
			node = n.Node
		default:
			w.walk(node)
			return
		}
	}
}
