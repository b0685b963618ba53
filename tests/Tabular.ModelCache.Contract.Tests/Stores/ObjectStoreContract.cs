using System.Text;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>
/// What <see cref="IObjectStore"/> promises, as tests. A derived class names an implementation and runs all of them.
/// </summary>
public abstract partial class ObjectStoreContract : IAsyncLifetime
{
    protected IObjectStore Store { get; private set; } = null!;

    /// <summary>Whether a folder can have an object of its own, as in a bucket; a directory has its folders by itself.</summary>
    protected virtual bool KeepsFolderObjects => true;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await CreateStoreAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes a store that is empty and that no other test sees.</summary>
    protected abstract ValueTask<IObjectStore> CreateStoreAsync();

    protected static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    protected static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    protected Task<StoredObject> PutAsync(string name, string content = "content", ObjectWriteOptions? options = null) =>
        Store.WriteAsync(name, Bytes(content), options, Token);

    protected async Task<string?> ReadTextAsync(string name, ObjectReadOptions? options = null)
    {
        await using var content = await Store.OpenReadAsync(name, options, Token);
        return content is null ? null : await new StreamReader(content.Stream).ReadToEndAsync(Token);
    }

    protected async Task<List<string>> ListNamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var item in Store.ListAsync(prefix, Token))
        {
            names.Add(item.Name);
        }

        return names;
    }

    protected static async Task<ObjectStoreException> FailsAsync(Func<Task> request, ObjectStoreError error)
    {
        var failure = (await request.Should().ThrowAsync<ObjectStoreException>()).Which;
        failure.Error.Should().Be(error, failure.Message);
        failure.Message.Should().NotContain("\n");
        failure.OutcomeUnknown.Should().BeFalse();
        return failure;
    }
}
