using System.Globalization;
using System.Text;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The query of one request, escaped as it is built.</summary>
internal sealed class StorageQuery
{
    private readonly StringBuilder _text = new();

    public StorageQuery Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public StorageQuery Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public StorageQuery AddConditions(ObjectPreconditions conditions) =>
        Add("ifGenerationMatch", conditions.IfGenerationMatch)
            .Add("ifGenerationNotMatch", conditions.IfGenerationNotMatch)
            .Add("ifMetagenerationMatch", conditions.IfMetagenerationMatch)
            .Add("ifMetagenerationNotMatch", conditions.IfMetagenerationNotMatch);

    public StorageQuery AddSourceConditions(ObjectPreconditions conditions) =>
        Add("ifSourceGenerationMatch", conditions.IfGenerationMatch)
            .Add("ifSourceGenerationNotMatch", conditions.IfGenerationNotMatch)
            .Add("ifSourceMetagenerationMatch", conditions.IfMetagenerationMatch)
            .Add("ifSourceMetagenerationNotMatch", conditions.IfMetagenerationNotMatch);

    public override string ToString() => _text.ToString();
}
