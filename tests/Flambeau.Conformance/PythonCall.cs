using System.Globalization;
using System.Text.Json.Nodes;
using Flambeau.Nn;

namespace Flambeau.Conformance;

/// <summary>Evaluates a recorded call that was written down as Python: <c>empty(12).uniform_(-2, 5)</c>, <c>nn.Linear(20, 30).weight</c>.</summary>
sealed class PythonCall
{
    readonly string _text;
    readonly Func<string, Tensor?> _variable;
    readonly Dictionary<string, Tensor> _tensors = [];
    int _at;

    PythonCall(string text, Func<string, Tensor?> variable) => (_text, _variable) = (text, variable);

    public static object? Evaluate(string text, Func<string, Tensor?> variable)
    {
        PythonCall call = new(text, variable);
        object? y = call.Object(call.Expression());
        return call._at == text.Length ? y : throw new BindingException($"cannot read '{text[call._at..]}'");
    }

    // A value is JSON as in the corpus; an object that is no tensor stands for itself.
    object Expression()
    {
        object left = Postfix();
        while (Take("**")) left = Number(Math.Pow(Double(left), Double(Postfix())));
        return left;
    }

    object Postfix()
    {
        object y = Primary();
        while (Take("."))
        {
            string name = Word();
            if (!Take("(")) y = Member(Object(y)!, name);
            else y = Keep(Names.Call(name, [new(null, (JsonNode)y), .. Arguments()], Tensor));
        }
        return y;
    }

    object Primary()
    {
        Space();
        char c = _at < _text.Length ? _text[_at] : '\0';
        if (Take("-")) return Number(-Double(Postfix()));
        if (c is '[' or '(')
        {
            _at++;
            JsonArray list = [];
            while (!Take(c == '[' ? "]" : ")"))
            {
                list.Add((JsonNode)Expression());
                Take(",");
            }
            return new JsonObject { ["l"] = list };
        }
        if (c is '\'' or '"')
        {
            int end = _text.IndexOf(c, _at + 1);
            string s = _text[(_at + 1)..end];
            _at = end + 1;
            return new JsonObject { ["s"] = s };
        }
        if (char.IsAsciiDigit(c) || c == '.')
        {
            int start = _at;
            while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] is '.' or 'e' || _text[_at] == '-' && _text[_at - 1] == 'e')) _at++;
            string digits = _text[start.._at];
            return digits.AsSpan().ContainsAny('.', 'e') ? new JsonObject { ["f"] = double.Parse(digits, CultureInfo.InvariantCulture) } : Number(double.Parse(digits, CultureInfo.InvariantCulture));
        }
        string name = Word();
        if (name is "nn" or "torch") while (Take(".")) name += "." + Word();
        if (name.StartsWith("torch.", StringComparison.Ordinal)) name = name["torch.".Length..];
        if (Take("(")) return Called(name, Arguments());
        return name switch
        {
            "True" or "False" => new JsonObject { ["b"] = name == "True" }, "None" => new JsonObject { ["n"] = 0L },
            _ when _variable(name) is { } t => Keep(t),
            _ => new JsonObject { ["dtype"] = name },
        };
    }

    object Called(string name, List<Argument> a)
    {
        // Sizes one by one are a list.
        int sizes = a.TakeWhile(x => x.Name is null && x.Value["i"] is not null).Count();
        if (name is "rand" or "randn" or "empty" or "zeros" or "ones" && sizes > 0)
            a = [new(null, new JsonObject { ["l"] = new JsonArray([.. a.Take(sizes).Select(x => x.Value.DeepClone())]) }), .. a.Skip(sizes)];
        if (name == "tensor") return Keep(Literal(a[0].Value));
        if (name.StartsWith("nn.functional.", StringComparison.Ordinal)) return Keep(Names.Call(name, a, Tensor));
        if (name.StartsWith("nn.init.", StringComparison.Ordinal)) return Keep(Names.Call(name, a, Tensor));
        return name.StartsWith("nn.", StringComparison.Ordinal) ? ModulesSuite.Make(name["nn.".Length..], a, Tensor) : Keep(Names.Call(name, a, Tensor));
    }

    static Tensor Literal(JsonNode v) => v["l"] is JsonArray list
        ? list.Any(x => x!["l"] is not null) ? Flambeau.Tensor.Stack([.. list.Select(x => Literal(x!))]) : Flambeau.Tensor.From(list.Select(x => (float)Double(x!)).ToArray())
        : Flambeau.Tensor.FromScalar(Double(v));

    static object Member(object of, string name) => of is Module m ? m.StateDict().TryGetValue(name, out Tensor? t) ? t : throw new BindingException($"{of.GetType().Name} has no {name}") : throw new BindingException($"no member {name}");

    List<Argument> Arguments()
    {
        List<Argument> y = [];
        while (!Take(")"))
        {
            Space();
            int start = _at;
            string? name = null;
            if (char.IsLetter(_text[_at]))
            {
                name = Word();
                if (!Take("=")) (name, _at) = (null, start);
            }
            object v = Expression();
            y.Add(new(name, v as JsonNode ?? Keep(v)));
            Take(",");
        }
        return y;
    }

    JsonObject Keep(object? y)
    {
        if (y is not Flambeau.Tensor t) throw new BindingException($"{y} is no tensor");
        string name = $"{_tensors.Count}";
        _tensors[name] = t;
        return new() { ["t"] = name };
    }

    Tensor Tensor(JsonNode v) => _tensors[(string)v["t"]!];

    object? Object(object v) => v is JsonObject o && o["t"] is not null ? Tensor(o) : v;

    static JsonObject Number(double x) => x == Math.Floor(x) ? new() { ["i"] = (long)x } : new() { ["f"] = x };

    static double Double(object v) => v is JsonObject o ? o["i"] is { } n ? (long)n : (double?)o["f"] ?? throw new BindingException($"{o} is no number") : throw new BindingException($"{v} is no number");

    string Word()
    {
        Space();
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        return _at > start ? _text[start.._at] : throw new BindingException($"cannot read '{_text[_at..]}'");
    }

    bool Take(string s)
    {
        Space();
        if (string.CompareOrdinal(_text, _at, s, 0, s.Length) != 0) return false;
        _at += s.Length;
        return true;
    }

    void Space()
    {
        while (_at < _text.Length && _text[_at] == ' ') _at++;
    }
}
