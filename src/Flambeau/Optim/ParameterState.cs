namespace Flambeau.Optim;

/// <summary>What an optimizer remembers of one parameter, under PyTorch's names.</summary>
public sealed class ParameterState
{
    /// <summary>Tensors such as <c>exp_avg</c>.</summary>
    public OrderedDictionary<string, Tensor> Tensors { get; } = [];

    /// <summary>Numbers such as <c>step</c>.</summary>
    public OrderedDictionary<string, double> Values { get; } = [];

    /// <summary>Counts a step and answers its number, from 1.</summary>
    public double NextStep() => Values["step"] = Values.GetValueOrDefault("step") + 1;

    /// <summary>The tensor of a name; at first a constant of the parameter's shape.</summary>
    public Tensor GetOrAdd(string name, Tensor parameter, double value = 0)
    {
        if (Tensors.TryGetValue(name, out Tensor? t)) return t;
        t = Tensor.FullLike(parameter, value);
        Tensors.Add(name, t);
        return t;
    }
}
