using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Flambeau.Nn;

/// <summary>Which properties of a type of module are its parameters, buffers and children: found once, in the order of their declaration.</summary>
internal sealed class Registration
{
    const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicProperties;

    static readonly ConcurrentDictionary<Type, Registration> s_all = new();

    readonly (string Name, PropertyInfo Property)[] _slots;

    Registration((string, PropertyInfo)[] slots) => _slots = slots;

    public static Registration Of([DynamicallyAccessedMembers(Members)] Type type) =>
        s_all.TryGetValue(type, out Registration? r) ? r : s_all.GetOrAdd(type, new Registration(Find(type)));

    [UnconditionalSuppressMessage("Trimming", "IL2065", Justification = "Every type up to Module derives from it, so its public properties are kept.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Every type up to Module derives from it, so its public properties are kept.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Every type up to Module derives from it, so its public properties are kept.")]
    static (string, PropertyInfo)[] Find(Type type)
    {
        Stack<Type> line = new();
        for (Type? t = type; t is not null && t != typeof(Module); t = t.BaseType) line.Push(t);
        List<(string Name, PropertyInfo Property)> slots = [];
        foreach (Type t in line)
        {
            PropertyInfo[] declared = t.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly);
            if (declared.All(p => p.HasMetadataToken())) declared = [.. declared.OrderBy(p => p.MetadataToken)];
            foreach (PropertyInfo p in declared)
            {
                int overridden = slots.FindIndex(s => s.Property.Name == p.Name);
                if (p.GetIndexParameters().Length > 0 || !CanHold(p.PropertyType) || p.IsDefined(typeof(NotRegisteredAttribute)))
                {
                    if (overridden >= 0) slots.RemoveAt(overridden);
                    continue;
                }
                string name = p.GetCustomAttribute<NameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name);
                if (overridden >= 0) slots[overridden] = (name, p);
                else slots.Add((name, p));
            }
        }
        return [.. slots];
    }

    /// <summary>Whether a property of this type holds something to register: a parameter, buffer or module, or a list or dictionary of them.</summary>
    static bool CanHold(Type t)
    {
        if (IsMember(t)) return true;
        if (typeof(IEnumerable<Module>).IsAssignableFrom(t) || typeof(IEnumerable<Parameter>).IsAssignableFrom(t) || typeof(IEnumerable<Module.Buffer>).IsAssignableFrom(t)) return true;
        return typeof(IEnumerable).IsAssignableFrom(t) && t.IsGenericType && t.GenericTypeArguments is [Type key, Type value] && key == typeof(string) && IsMember(value);

        static bool IsMember(Type t) => typeof(Module).IsAssignableFrom(t) || typeof(Parameter).IsAssignableFrom(t) || typeof(Module.Buffer).IsAssignableFrom(t);
    }

    /// <summary>What the properties hold now, by name: tensors and modules; collections one entry at a time.</summary>
    public IEnumerable<(string Name, object Value)> Read(Module m)
    {
        foreach ((string name, PropertyInfo property) in _slots)
        {
            object? value = property.GetValue(m);
            switch (value)
            {
                case Tensor or Module: yield return (name, value); break;
                case IDictionary d:
                    foreach (DictionaryEntry e in d)
                        if (e.Value is not null) yield return (Join(name, (string)e.Key), e.Value);
                    break;
                case IEnumerable list:
                    int i = 0;
                    foreach (object? e in list)
                    {
                        if (e is not null) yield return (Join(name, i.ToString(CultureInfo.InvariantCulture)), e);
                        i++;
                    }
                    break;
            }
        }

        static string Join(string name, string key) => name.Length == 0 ? key : $"{name}.{key}";
    }
}
