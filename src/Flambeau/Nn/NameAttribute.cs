namespace Flambeau.Nn;

/// <summary>The name under which a property of a module is registered, where PyTorch's differs from the property's in snake case.</summary>
/// <param name="name">The name, <c>ln_1</c>. Empty on a dictionary or list: its entries are registered as the module's own.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name => name;
}

/// <summary>Keeps a property out of the registration: what it holds belongs to another module, or is no part of the state.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotRegisteredAttribute : Attribute;
