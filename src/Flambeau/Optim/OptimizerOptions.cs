using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flambeau.IO;

namespace Flambeau.Optim;

/// <summary>
/// The options of a group of parameters. Each optimizer has a record of its own, with PyTorch's defaults; groups that differ in one
/// option are written <c>options with { Lr = 0.01 }</c>.
/// </summary>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
public abstract record OptimizerOptions
{
    /// <summary>The learning rate.</summary>
    public double Lr { get; set; }

    /// <summary>The learning rate that a scheduler started from.</summary>
    public double? InitialLr { get; set; }

    /// <summary>The factor of the parameters that is added to their gradient, as an L2 penalty; AdamW's shrinks the parameters instead.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Whether to ascend instead of descend.</summary>
    public bool Maximize { get; set; }

    /// <summary>What schedulers call momentum: SGD's, or Adam's first beta. Null where there is none.</summary>
    internal virtual double? CycledMomentum { get => null; set => throw new NotSupportedException(); }

    /// <summary>Refuses options outside their range.</summary>
    protected internal virtual void Check()
    {
        AtLeastZero(Lr, nameof(Lr));
        AtLeastZero(WeightDecay, nameof(WeightDecay));
    }

    /// <summary>Refuses negative numbers and NaN.</summary>
    protected static void AtLeastZero(double value, string name)
    {
        if (!(value >= 0)) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must not be negative.");
    }

    /// <summary>Refuses numbers outside [0, 1) and NaN.</summary>
    protected static void Fraction(double value, string name)
    {
        if (!(value >= 0 && value < 1)) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must lie in [0, 1).");
    }

    static string Key(PropertyInfo p) => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name);

    internal JsonObject ToJson()
    {
        JsonObject o = [];
        foreach (PropertyInfo p in GetType().GetProperties())
            o[Key(p)] = p.GetValue(this) switch
            {
                null => null, double d => State.Number(d), bool b => JsonValue.Create(b), int i => JsonValue.Create(i), string s => JsonValue.Create(s),
                object x => throw new NotSupportedException($"{GetType().Name}.{p.Name} is a {x.GetType().Name}; options are double, int, bool or string."),
            };
        return o;
    }

    /// <summary>Takes over the values that JSON names; others stay.</summary>
    /// <exception cref="ArgumentException">A value has another type, or is out of range.</exception>
    internal void Load(JsonObject o)
    {
        foreach (PropertyInfo p in GetType().GetProperties())
        {
            string key = Key(p);
            if (!o.TryGetPropertyValue(key, out JsonNode? v)) continue;
            if (p.PropertyType == typeof(bool)) p.SetValue(this, v is JsonValue b && b.TryGetValue(out bool set) ? set : throw State.Wrong(key, "true or false"));
            else if (p.PropertyType == typeof(string)) p.SetValue(this, v is null ? null : v is JsonValue s && s.TryGetValue(out string? text) ? text : throw State.Wrong(key, "a string"));
            else if (p.PropertyType == typeof(int)) p.SetValue(this, checked((int)State.ToNumber(key, v)));
            else p.SetValue(this, v is null && p.PropertyType == typeof(double?) ? null : State.ToNumber(key, v));
        }
        Check();
    }
}
