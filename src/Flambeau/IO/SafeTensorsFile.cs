namespace Flambeau.IO;

/// <summary>What a safetensors file holds, as <see cref="SafeTensors.Load(string)"/> gives it.</summary>
/// <param name="tensors">The tensors by name.</param>
/// <param name="metadata">Texts by name.</param>
public sealed class SafeTensorsFile(OrderedDictionary<string, Tensor> tensors, OrderedDictionary<string, string> metadata)
{
    /// <summary>The tensors by name, in the order of the file's header.</summary>
    public OrderedDictionary<string, Tensor> Tensors => tensors;

    /// <summary>What the file says of itself: texts by name; empty where it says nothing.</summary>
    public OrderedDictionary<string, string> Metadata => metadata;
}
